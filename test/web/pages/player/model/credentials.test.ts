import { expect, test } from "bun:test";
import { authorizationOf, searchWith } from "../../../../../src/web/pages/player/model/credentials.ts";

test("who somebody is fits into a header, and into a query", () => {
  const ann = { user: "änn", password: "a:b&c" };
  expect(authorizationOf(ann)).toBe(`Basic ${Buffer.from("änn:a:b&c").toString("base64")}`);
  expect(authorizationOf({ token: "t" })).toBe("Bearer t");
  expect(searchWith("?a=1&user=x", ann)).toBe("?a=1&user=%C3%A4nn&pass=a%3Ab%26c");
  expect(searchWith("", { token: "t" })).toBe("?token=t");
});
