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

/** A URL as people may see it: user, password, query and fragment hidden. Text that is no URL stays as it is. */
export const hideInUrl = (text: string): string =>
  text
    .replace(/^([a-z0-9+]+:\/\/)[^/?#]*@/i, "$1***@")
    .replace(/^([a-z0-9+]+:\/\/[^?#]*)[?#].+$/is, "$1?***");

/** A name of a stream that tells nothing: made of placeholders such as `{name}` or `$MTX_PATH`. */
const placeholders = /^(\{\w+\}|\$(?:MTX_PATH|G\d+)|\/)+$/;

/**
 * A URL to push to as people may see it: like {@link hideInUrl}, and what stands behind its first segment is `***` too, as it is a key at
 * most services, unless it is only made of placeholders.
 */
export const hideStreamKey = (text: string): string =>
  hideInUrl(text).replace(
    /^([a-z0-9+]+:\/\/[^/?]*\/[^/?]*)\/([^?]+)/i,
    (shown: string, server: string, name: string) => (placeholders.test(name) ? shown : `${server}/***`),
  );
