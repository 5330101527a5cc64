/** Names of parameters whose values prove who somebody is. `user` is none of them: it says who, and proves nothing. */
const secretName = /pass|pwd|^pw$|token|jwt|secret|key|auth|sig|session|cookie|credential|hash|hmac/i;

/** A part without a name is a word such as `lowlatency`, or, where it is so long, a token. */
const minBareTokenLength = 16;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
};

/** What stood behind a question mark as people may see it: `***` for the values of passwords, tokens, keys and the like. */
export const hideSecretsOfQuery = (query: string): string =>
  query
    .split(/([&;])/)
    .map((part) => {
      const at = part.indexOf("=");
      if (at < 0) return part.length < minBareTokenLength ? part : "***";
      const name = part.substring(0, at);
      return secretName.test(decoded(name)) && at + 1 < part.length ? `${name}=***` : part;
    })
    .join("");
