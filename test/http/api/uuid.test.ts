import { expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { parseUuid } from "../../../src/http/api/uuid.ts";

const id = "6f1b2c3d-0000-4000-8000-00000000000a";

test("a UUID is taken in all its forms", () => {
  for (const given of [
    id,
    id.toUpperCase(),
    `urn:uuid:${id}`,
    `URN:UUID:${id}`,
    `{${id}}`,
    id.replaceAll("-", ""),
  ])
    expect(parseUuid(given)).toBe(id);
});

test("what is no UUID is refused", () => {
  for (const given of [
    "",
    "1",
    `${id}0`,
    id.replace("6", "g"),
    `{${id}`,
    `${id}}`,
    `{${id.replaceAll("-", "")}}`,
    `urn:${id}`,
    id.replace("-", ""),
    "-".repeat(36),
  ])
    expect(() => parseUuid(given)).toThrow(ConfigError);
});
