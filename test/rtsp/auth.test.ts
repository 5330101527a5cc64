import { describe, expect, test } from "bun:test";
import { answerChallenges, basicCredentials, challenges } from "../../src/rtsp/auth.ts";
import { parseAuthHeader } from "../../src/rtsp/auth-header.ts";
import { answerDigest, digestClaim, isDigestOf, Nonces } from "../../src/rtsp/digest.ts";

const header = (value: string) => parseAuthHeader(value)!;

describe("an authentication header", () => {
  test("is read with and without quotes, blanks and escapes", () => {
    const { scheme, parameters } = header('DIGEST  realm="a \\"b\\", c" ,nonce = xyz,, qop="auth,auth-int"');
    expect(scheme).toBe("digest");
    expect(Object.fromEntries(parameters)).toEqual({ realm: 'a "b", c', nonce: "xyz", qop: "auth,auth-int" });
  });

  test("of Basic gives user and password around the first colon", () => {
    expect(basicCredentials(header("Basic dXNlcjpwYTpzcw=="))).toEqual({ user: "user", password: "pa:ss" });
    expect(basicCredentials(header("Basic dXNlcg=="))).toBeUndefined();
    expect(basicCredentials(header("Bearer dXNlcjpwYTpzcw=="))).toBeUndefined();
  });

  test("of nothing is none, and noise takes no time", () => {
    expect(parseAuthHeader("")).toBeUndefined();
    expect(parseAuthHeader("=x")).toBeUndefined();
    for (const noise of [
      'Digest "',
      "Digest a=",
      `Digest ${"a ".repeat(4000)}`,
      `Digest ${"a=,".repeat(3000)}`,
    ]) {
      expect(parseAuthHeader(noise)?.scheme).toBe("digest");
    }
  });
});

// The examples of RFC 2617 3.5 and RFC 7616 3.9.1.
const examples = [
  {
    name: "RFC 2617, MD5",
    password: "Circle Of Life",
    realm: "testrealm@host.com",
    url: "/dir/index.html",
    value:
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  },
  {
    name: "RFC 7616, SHA-256",
    password: "Circle of Life",
    realm: "http-auth@example.org",
    url: "/dir/index.html",
    value:
      'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  },
];

describe("a digest", () => {
  for (const { name, password, realm, url, value } of examples) {
    test(`of ${name} is right for its password and request, and for no other`, () => {
      const right = { password, realm, method: "GET", url };
      expect(isDigestOf(header(value), right)).toBe(true);
      expect(isDigestOf(header(value), { ...right, password: "circle" })).toBe(false);
      expect(isDigestOf(header(value), { ...right, method: "POST" })).toBe(false);
      expect(isDigestOf(header(value), { ...right, realm: "other" })).toBe(false);
      expect(isDigestOf(header(value), { ...right, url: "/other" })).toBe(false);
    });
  }

  const request = {
    user: "me",
    password: "secret",
    method: "SETUP",
    url: "rtsp://h:8554/live/a/trackID=0",
    cnonce: "c",
  };

  for (const challenge of [
    'Digest realm="r", nonce="n"',
    'Digest realm="r", nonce="n", algorithm=MD5',
    'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth-int, auth", opaque="o"',
  ]) {
    test(`answers ${challenge}`, () => {
      const answer = answerDigest(header(challenge), request)!;
      const expected = { password: "secret", realm: "r", method: "SETUP", url: request.url };
      expect(isDigestOf(header(answer), expected)).toBe(true);
      expect(isDigestOf(header(answer), { ...expected, password: "x" })).toBe(false);
      expect(digestClaim(header(answer))).toEqual({ user: "me", realm: "r", nonce: "n", uri: request.url });
      expect(header(answer).parameters.get("opaque")).toBe(challenge.includes("opaque") ? "o" : undefined);
    });
  }

  test("signed for the session is right for its tracks, and for nothing beside it", () => {
    const answer = answerDigest(header('Digest realm="r", nonce="n"'), {
      ...request,
      url: "rtsp://h:8554/live/a/",
    })!;
    const right = (url: string) =>
      isDigestOf(header(answer), { password: "secret", realm: "r", method: "SETUP", url });
    expect([
      right(request.url),
      right("rtsp://h/live/a"),
      right("rtsp://h/live/ab"),
      right("rtsp://h/live"),
    ]).toEqual([true, true, false, false]);
  });

  test("signed for everything is right for nothing", () => {
    const answer = answerDigest(header('Digest realm="r", nonce="n"'), {
      ...request,
      url: "rtsp://h:8554/",
    })!;
    const expected = { password: "secret", realm: "r", method: "SETUP" };
    expect(isDigestOf(header(answer), { ...expected, url: "rtsp://h/live/a" })).toBe(false);
    expect(isDigestOf(header(answer), { ...expected, url: "rtsp://h/" })).toBe(true);
  });

  test("of a hash or a quality that we do not know is neither made nor right", () => {
    expect(answerDigest(header('Digest realm="r", nonce="n", algorithm=MD5-sess'), request)).toBeUndefined();
    expect(answerDigest(header('Digest realm="r", nonce="n", qop="auth-int"'), request)).toBeUndefined();
    expect(answerDigest(header('Digest realm="r"'), request)).toBeUndefined();
    expect(digestClaim(header('Digest username="a", nonce="n", uri="/"'))).toBeUndefined();
  });
});

describe("nonces", () => {
  const nonces = new Nonces(new Uint8Array(16).fill(7), 60_000);

  test("are ours for their time, then stale, and nobody else can make one", () => {
    const nonce = nonces.issue(1_000_000);
    expect(nonces.check(nonce, 1_060_000)).toBe("fresh");
    expect(nonces.check(nonce, 1_060_001)).toBe("stale");
    expect(nonces.check(nonce, 900_000)).toBe("stale");
    const last = nonce.endsWith("0") ? "1" : "0";
    expect(nonces.check(`${nonce.slice(0, -1)}${last}`, 1_000_000)).toBe("unknown");
    expect(nonces.check("", 1_000_000)).toBe("unknown");
    expect(new Nonces(new Uint8Array(16), 60_000).check(nonce, 1_000_000)).toBe("unknown");
  });
});

describe("challenges", () => {
  test("come in the order in which old clients find what they know, and are answered by the first digest", () => {
    const offered = challenges({ methods: ["basic", "digest"], realm: "r", nonce: "n", isStale: true });
    expect(offered).toEqual([
      'Basic realm="r"',
      'Digest realm="r", nonce="n", algorithm=SHA-256, stale=true',
      'Digest realm="r", nonce="n", stale=true',
    ]);
    const request = { user: "me", password: "secret", method: "PLAY", url: "rtsp://h/a", cnonce: "c" };
    const answer = answerChallenges(offered, request)!;
    expect(header(answer).parameters.get("algorithm")).toBe("SHA-256");
    expect(answerChallenges(['Digest realm="r", algorithm=x', 'Basic realm="r"'], request)).toBe(
      "Basic bWU6c2VjcmV0",
    );
    expect(answerChallenges(["Bearer x"], request)).toBeUndefined();
  });
});
