/** The flag of a key, without dashes: `rtmpAddress` is `rtmp-address`, `authHTTPAddress` is `auth-http-address`. */
export const flagNameOf = (key: string): string =>
  key
    .replace("JWTJWKS", "JwtJwks")
    .replace("IPs", "Ips")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();

/** The variable of a key at the top of the file, or of `pathDefaults`. */
export const variableNameOf = (key: string, isOfPath = false): string =>
  `MTX_${isOfPath ? "PATHDEFAULTS_" : ""}${key.toUpperCase()}`;
