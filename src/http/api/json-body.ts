import { ConfigError, messageOf } from "../../base/errors.ts";

/** Keys and values of a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that a request brings; its Content-Type does not matter. @throws ConfigError where it brings none */
export const readJsonBody = async (request: Request): Promise<JsonObject> => {
  const text = await request.text();
  if (text.trim() === "") throw new ConfigError("no body, expected a JSON object such as {}");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`body is no JSON: ${messageOf(error).replace(/^JSON Parse error: /, "")}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ConfigError("body is no JSON object, expected one such as {}");
  return value as JsonObject;
};
