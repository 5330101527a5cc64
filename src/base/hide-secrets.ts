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

/** What {@link hideSecretsOfQuery} hides, as it stands there and as it is meant. */
export const secretsOfQuery = (query: string): string[] =>
  query.split(/[&;]/).flatMap((part) => {
    const at = part.indexOf("=");
    if (at < 0) return part.length < minBareTokenLength ? [] : [part, decoded(part)];
    const value = part.substring(at + 1);
    return secretName.test(decoded(part.substring(0, at))) && value !== "" ? [value, decoded(value)] : [];
  });

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

/**
 * Everything up to the last `@`, where a password may stand before it. It may hold a slash, a question mark or a hash that should have been
 * escaped, so that no reader of URLs would find its end.
 */
const userPart = /^([a-z0-9+]+:\/\/)(?:[^:]*:.*|[^/?#]*)@/is;

/** A URL as people may see it: user, password, query and fragment hidden. Text that is no URL stays as it is. */
export const hideInUrl = (text: string): string =>
  text.replace(userPart, "$1***@").replace(/^([a-z0-9+]+:\/\/[^?#]*)[?#].+$/is, "$1?***");

/** An `@` behind the first slash, question mark or hash, where a password may stand before it. */
const brokenUserPart = /^([a-z0-9+]+:\/\/)(?=[^:]*:.*@)[^/?#]*[/?#].*@.*$/is;

/** A name of a stream that tells nothing: made of placeholders such as `{name}` or `$MTX_PATH`. */
const placeholders = /^(\{\w+\}|\$(?:MTX_PATH|G\d+)|\/)+$/;

/**
 * A URL to push to as people may see it: like {@link hideInUrl}, and what stands behind its first segment is `***` too, as it is a key at
 * most services, unless it is only made of placeholders.
 */
export const hideStreamKey = (text: string): string => {
  // What stands behind the `@` is the host, or the end of a key: nobody knows.
  if (brokenUserPart.test(text)) return text.replace(brokenUserPart, "$1***");
  return hideInUrl(text).replace(
    /^([a-z0-9+]+:\/\/[^/?]*\/[^/?]*)\/([^?]+)/i,
    (shown: string, server: string, name: string) => (placeholders.test(name) ? shown : `${server}/***`),
  );
};

const userInUrl = /(\b[a-z0-9+]{1,16}:\/\/)[^/\s@'"]*@/gi;
const queryInUrl = /(\b[a-z0-9+]{1,16}:\/\/[^\s?'"]*)\?[^\s'"]+/gi;

/** What a program wrote as people may see it: user, password and query of every URL in it hidden. */
export const hideInText = (text: string): string =>
  text.replace(userInUrl, "$1***@").replace(queryInUrl, "$1?***");
