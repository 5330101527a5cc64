import { expect, test } from "bun:test";
import { formatRtpInfo, parseRtpInfo } from "../../src/rtsp/rtp-info.ts";

test("where tracks begin is written and read", () => {
  const infos = [
    { url: "rtsp://h/a/trackID=0", sequence: 5, rtpTime: 4294967295 },
    { url: "rtsp://h/a,b/trackID=1", sequence: 65535, rtpTime: 0 },
  ];
  const value =
    "url=rtsp://h/a/trackID=0;seq=5;rtptime=4294967295,url=rtsp://h/a,b/trackID=1;seq=65535;rtptime=0";
  expect(formatRtpInfo(infos)).toBe(value);
  expect(parseRtpInfo(value)).toEqual(infos);
});

test("what a server leaves out or gets wrong is left out", () => {
  expect(parseRtpInfo('url="rtsp://h/a", url=x;seq=65536;rtptime=-1, seq=5')).toEqual([
    { url: "rtsp://h/a", sequence: undefined, rtpTime: undefined },
    { url: "x", sequence: undefined, rtpTime: undefined },
  ]);
  expect(parseRtpInfo("nothing")).toEqual([]);
  expect(formatRtpInfo([{ url: "x", sequence: undefined, rtpTime: undefined }])).toBe("url=x");
});
