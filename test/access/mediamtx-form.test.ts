import { expect, test } from "bun:test";
import { mediamtxForm } from "../../src/access/mediamtx-form.ts";
import { sampleRequest } from "./sample-request.ts";

test.each([
  ["rtmp", "rtmp"],
  ["rtmps", "rtmp"],
  ["rtsp", "rtsp"],
  ["rtsps", "rtsp"],
  ["hls", "hls"],
  ["", ""],
] as const)("the protocol %j is called %j", (protocol, expected) => {
  expect(JSON.parse(mediamtxForm.bodyFor(sampleRequest({ protocol })) ?? "")).toMatchObject({
    protocol: expected,
  });
});
