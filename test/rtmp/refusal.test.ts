import { expect, test } from "bun:test";
import { isAccessRefusal } from "../../src/rtmp/refusal.ts";

const adobe = "[ AccessManager.Reject ] : [ authmod=adobe ] : ";

test.each([
  ["NetStream.Publish.Unauthorized", "authentication failed", true],
  ["NetStream.Publish.Denied", "", true],
  ["NetConnection.Connect.Rejected", `${adobe}?reason=authfailed&opaque=AAAA`, true],
  [
    "NetConnection.Connect.Rejected",
    "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ",
    true,
  ],
  ["NetStream.Play.Failed", "authentication failed", true],
  ["NetStream.Publish.BadName", "Invalid stream key", true],
  ["NetStream.Publish.BadName", "not authorized", true],
  ["NetConnection.Connect.Rejected", "Access denied.", true],
  ["NetStream.Publish.BadName", "stream live/a is published already", false],
  ["NetStream.Publish.BadName", "Already publishing", false],
  ["NetConnection.Connect.Rejected", "too many connections", false],
  ["NetConnection.Connect.InvalidApp", "no such application", false],
  ["NetStream.Play.StreamNotFound", "stream live/author is not there", false],
  ["NetStream.Publish.Failed", "internal error 403000", false],
  ["unknown", "", false],
])("%s %p", (code, description, isAbout) => {
  expect(isAccessRefusal({ code, description })).toBe(isAbout);
});
