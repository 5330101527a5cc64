import { ConfigError } from "../../base/errors.ts";
import { checkHeader } from "../webhook/header.ts";

/** The name of a header as it was given. @throws ConfigError for a name that HTTP does not know, or that is the server's own */
export const headerName = (name: string): string => {
  checkHeader([name, ""]);
  return name;
};

/** The value of a header, without space around it. @throws ConfigError for one that would break its line, without repeating it */
export const headerValue = (value: string): string => {
  const trimmed = value.trim();
  if (/[^\t\x20-\x7e\x80-\xff]/.test(trimmed))
    throw new ConfigError("a header value with a line break, control character or one beyond Latin-1");
  return trimmed;
};
