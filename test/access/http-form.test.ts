import { describe, expect, test } from "bun:test";
import { type HttpForm, reasonWithoutSecrets } from "../../src/access/http-form.ts";
import { mediamtxForm } from "../../src/access/mediamtx-form.ts";
import { nativeForm } from "../../src/access/native-form.ts";
import { nginxRtmpForm } from "../../src/access/nginx-rtmp-form.ts";
import { srsForm } from "../../src/access/srs-form.ts";
import { adminRequest, sampleRequest } from "./sample-request.ts";

const full = sampleRequest({
  path: "live/abc/in",
  query: "user=u&pass=p",
  credentials: { user: "u", password: "p" },
});
const id = full.id;

describe("a request", () => {
  test("in MediaMTX's form has its keys in its order", () => {
    expect(mediamtxForm.bodyFor(full)).toBe(
      `{"ip":"203.0.113.5","user":"u","password":"p","token":"p","action":"publish","path":"live/abc/in","protocol":"rtmp","id":"${id}","query":"user=u&pass=p","userAgent":"FMLE/3.0"}`,
    );
    expect(mediamtxForm.bodyFor(adminRequest({ credentials: { token: "t" } }))).toBe(
      '{"ip":"203.0.113.5","user":"","password":"","token":"t","action":"api","path":"","protocol":"","id":null,"query":"","userAgent":"FMLE/3.0"}',
    );
  });

  test("in the form of SRS", () => {
    const bodies = [full, sampleRequest({ action: "read" })].map((request) =>
      JSON.parse(srsForm.bodyFor(request) ?? ""),
    );
    const same = { client_id: id, ip: "203.0.113.5", vhost: "__defaultVhost__", tcUrl: "rtmp://server/live" };
    expect(bodies).toEqual([
      {
        ...same,
        action: "on_publish",
        app: "live",
        stream: "abc/in",
        param: "?user=u&pass=p",
        stream_url: "/live/abc/in",
        stream_id: "",
      },
      {
        ...same,
        action: "on_play",
        app: "live",
        stream: "cam1",
        param: "",
        pageUrl: "",
        stream_url: "/live/cam1",
        stream_id: "",
      },
    ]);
    expect(srsForm.bodyFor(adminRequest())).toBeUndefined();
  });

  test("in the form of nginx-rtmp", () => {
    const same = `app=live&flashver=FMLE%2F3.0&swfurl=&tcurl=rtmp%3A%2F%2Fserver%2Flive&pageurl=&addr=203.0.113.5&clientid=${id}`;
    expect([
      nginxRtmpForm.bodyFor(full),
      nginxRtmpForm.bodyFor(sampleRequest({ action: "read", query: "psk=a%26b&x" })),
      nginxRtmpForm.bodyFor(adminRequest()),
    ]).toEqual([
      `${same}&call=publish&name=abc%2Fin&type=live&user=u&pass=p`,
      `${same}&call=play&name=cam1&psk=a%26b&x=`,
      undefined,
    ]);
  });

  test.each([
    "name=other",
    "n%61me=other",
    "name[]=other",
    "+name=other",
    "call=play",
    "addr=127.0.0.1",
    "app[x]=y",
  ])("in the form of nginx-rtmp does not let a client set a field by %s", (query) => {
    const plain = nginxRtmpForm.bodyFor(sampleRequest());
    expect(nginxRtmpForm.bodyFor(sampleRequest({ query: `${query}&psk=1` }))).toBe(`${plain}&psk=1`);
  });

  test("in our own form", () => {
    expect(
      JSON.parse(nativeForm.bodyFor(sampleRequest({ ...full, action: "read", path: "live/abc/in" })) ?? ""),
    ).toEqual({
      action: "play",
      id,
      app: "live",
      stream_name: "abc/in",
      stream_key: "live/abc/in",
      query: "user=u&pass=p",
      user: "u",
      token: "p",
      client_ip: "203.0.113.5",
      client_port: 50_000,
      protocol: "rtmp",
      flash_ver: "FMLE/3.0",
      tc_url: "rtmp://server/live",
    });
    expect(JSON.parse(nativeForm.bodyFor(adminRequest()) ?? "")).toMatchObject({
      action: "api",
      stream_key: "",
      id: null,
    });
  });
});

describe("an answer", () => {
  const statuses = [
    [200, "allowed"],
    [201, "allowed"],
    [204, "allowed"],
    [299, "allowed"],
    [302, "denied"],
    [400, "denied"],
    [401, "denied"],
    [403, "denied"],
    [404, "denied"],
    [500, "unusable"],
    [503, "unusable"],
    [0, "denied"],
  ] as const;
  const forms: readonly [string, HttpForm][] = [
    ["mediamtx", mediamtxForm],
    ["nginx-rtmp", nginxRtmpForm],
    ["native", nativeForm],
  ];
  for (const [name, form] of forms)
    test.each(statuses)(`in the form ${name} with status %d is %s`, (status, expected) => {
      expect(form.judge({ status, body: "" }).kind).toBe(expected);
    });

  test.each([
    { status: 200, body: "0", expected: "allowed" },
    { status: 201, body: " 0\r\n", expected: "allowed" },
    { status: 200, body: '{"code":0}', expected: "allowed" },
    { status: 200, body: '{"code":0,"data":{"x":1}}', expected: "allowed" },
    { status: 204, body: "0", expected: "unusable" },
    { status: 202, body: '{"code":0}', expected: "unusable" },
    { status: 403, body: "0", expected: "denied" },
    { status: 302, body: "0", expected: "denied" },
    { status: 500, body: "0", expected: "unusable" },
    { status: 200, body: "1", expected: "denied" },
    { status: 200, body: "-1", expected: "denied" },
    { status: 200, body: '{"code":100}', expected: "denied" },
    { status: 200, body: '{"code":"0"}', expected: "unusable" },
    { status: 200, body: "", expected: "unusable" },
    { status: 200, body: "00x", expected: "unusable" },
    { status: 200, body: "null", expected: "unusable" },
    { status: 200, body: "[0]", expected: "unusable" },
    { status: 200, body: "{}", expected: "unusable" },
    { status: 200, body: "OK", expected: "unusable" },
  ])("in the form of SRS: $status $body is $expected", ({ expected, ...reply }) => {
    expect(srsForm.judge(reply).kind).toBe(expected as "allowed");
  });

  test.each([
    { status: 200, body: "{}", expected: "allowed" },
    { status: 200, body: '{"allowed":true}', expected: "allowed" },
    { status: 200, body: '{"allowed":true,"reason":"","extra":1}', expected: "allowed" },
    { status: 200, body: '{"allowed":false}', expected: "denied" },
    { status: 403, body: '{"allowed":true}', expected: "denied" },
    { status: 200, body: '{"allowed":"true"}', expected: "unusable" },
    { status: 200, body: '{"allowed":1}', expected: "unusable" },
    { status: 200, body: '{"allowed":null}', expected: "unusable" },
    { status: 200, body: '{"allowed":true,"reason":7}', expected: "unusable" },
    { status: 200, body: '{"allowed":true', expected: "unusable" },
    { status: 200, body: "true", expected: "unusable" },
    { status: 200, body: "[]", expected: "unusable" },
    { status: 200, body: "OK", expected: "unusable" },
    { status: 200, body: '{"allowed":true,"stream_key":"live/b"}', expected: "unusable" },
    { status: 200, body: '{"allowed":true,"limits":{"bitrate":1}}', expected: "unusable" },
  ])("in our own form: $status $body is $expected", ({ expected, ...reply }) => {
    expect(nativeForm.judge(reply).kind).toBe(expected as "allowed");
  });

  test("in our own form says why", () => {
    expect([
      nativeForm.judge({ status: 200, body: '{"allowed":false,"reason":"no money"}' }),
      nativeForm.judge({ status: 403, body: '{"reason":"no money"}' }),
    ]).toMatchObject([{ reason: "no money" }, { reason: "no money" }]);
  });
});

describe("a reason", () => {
  test.each([
    { reason: "no money", expected: '"no money"' },
    { reason: "", expected: "" },
    { reason: "wrong password hunter2", expected: "" },
    { reason: "query user=u&pass=hunter2", expected: "" },
    { reason: "token a b was refused", expected: "" },
    { reason: "token a%20b was refused", expected: "" },
    { reason: "line\nbreak", expected: '"line\\nbreak"' },
  ])("$reason is told as $expected", ({ reason, expected }) => {
    const request = sampleRequest({
      query: "pass=hunter2&token=a%20b",
      credentials: { password: "hunter2" },
    });
    expect(reasonWithoutSecrets(reason, request)).toBe(expected);
  });
});
