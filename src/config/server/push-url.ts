import { ConfigError } from "../../base/errors.ts";
import { readUrl } from "./url.ts";

const form = "expected rtmp[s]://HOST[:PORT]/APP[/NAME]";

/** What may stand for parts of a stream's name. */
const placeholders = ["{app}", "{name}", "{stream_key}"];

/**
 * Looks whether a text is a URL that every stream can be pushed to. Its text is not in errors but for placeholders.
 * @throws ConfigError for one that is not
 */
export const checkPushUrl = (text: string): void => {
  const { user, host } = readUrl(text, ["rtmp", "rtmps"]);
  if (user !== undefined)
    throw new ConfigError(
      `a URL with a user and password in front of the host, ${form} with credentials in the query of NAME`,
    );
  if (host.includes("{"))
    throw new ConfigError("a placeholder in the host, expected placeholders in APP and NAME only");
  const [, port] = /:([^\]]*)$/.exec(host) ?? [];
  if (port !== undefined && !isPort(port)) throw new ConfigError(`port ${port}, expected 1 to 65535`);
  const app = text.split("/")[3] ?? "";
  if (app === "") throw new ConfigError(`no application, ${form}`);
  if (/[?#]/.test(text.split("/").slice(0, 4).join("/")))
    throw new ConfigError(`a query behind the application, ${form} with the query behind NAME`);
  for (const [placeholder] of text.matchAll(/\{[^}]*\}/g))
    if (!placeholders.includes(placeholder))
      throw new ConfigError(`the placeholder ${placeholder}, expected {app}, {name} or {stream_key}`);
};

const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
