import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { watchResource } from "../../../src/http/watch/front.ts";
import { hlsHandler } from "../../../src/http/watch/hls.ts";
import { type Access, openAccess } from "../../../src/stream/admission.ts";
import { faultsOf, readPlaylist } from "../../hls/playlist-rules.ts";
import { media } from "../../hls/tags.ts";
import { Theatre } from "../../hls/theatre.ts";
import { tagOf } from "../../record/tags.ts";
import { Serving } from "../serving.ts";

/** Anna with her password, nobody else. */
const onlyAnna: Access = {
  decide: ({ credentials: { user, password }, protocol, action }) => {
    if (user === "anna" && password === "secret" && protocol === "hls" && action === "read")
      return { isAllowed: true, user };
    const reason = user === "" ? "missing" : "denied";
    return { isAllowed: false, reason, message: "no", delayMs: 0 };
  },
};

/** A stream of five seconds that goes on, over HTTP. */
const serve = (theatre: Theatre, access: Access = openAccess, path = "live/test") => {
  const publication = theatre.publish(path);
  theatre.play(publication, [tagOf.videoConfig(), tagOf.audioConfig(), ...media({ toMs: 5_500 })]);
  const hls = hlsHandler({ sessions: theatre.sessions, cdnSecret: () => "cdn secret".replace(" ", "-") });
  const resource = watchResource({ page: () => new Response("page"), hls });
  const serving = new Serving([resource], undefined, {
    access: { access },
    cors: { origins: ["*"], methods: ["GET"], headers: ["Range"] },
  });
  return { publication, serving };
};

const usual = { alwaysRemux: true } as const;
const basic = { Authorization: `Basic ${btoa("anna:secret")}` };

describe("HLS over HTTP, for everybody", () => {
  test("playlists and what they name come plainly: no token, no cookie, no detour", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre).serving;
    const index = await serving.get("/live/test/index.m3u8", { redirect: "manual" });
    expect([index.status, index.headers.get("Content-Type"), index.headers.get("Set-Cookie")]).toEqual([
      200,
      "application/vnd.apple.mpegurl",
      null,
    ]);
    expect(index.headers.get("Access-Control-Allow-Origin")).toBe("*");
    const [name = ""] = /^\w.*$/m.exec(await index.text()) ?? [];
    expect(name).toBe("main_stream.m3u8");
    const list = await serving.get(`/live/test/${name}`);
    expect(list.headers.get("Cache-Control")).toBe("public, max-age=0, s-maxage=1");
    const text = await list.text();
    expect(faultsOf(text)).toEqual([]);
    const { segments, hint } = readPlaylist(text);
    const files = segments.flatMap(({ name, init, parts }) => [
      name,
      init,
      ...parts.map((part) => part.name),
    ]);
    for (const file of new Set(files)) {
      if (file === undefined) continue;
      const answer = await serving.get(`/live/test/${file}`);
      expect([
        answer.status,
        answer.headers.get("Content-Type"),
        answer.headers.get("Cache-Control"),
      ]).toEqual([200, "video/mp4", "public, max-age=31536000, immutable"]);
      expect((await answer.bytes()).length).toBe(Number(answer.headers.get("Content-Length")));
    }
    expect(hint).toMatch(/_part\d+\.mp4$/);
    expect([...theatre.sessions].length).toBe(1);
  });

  test("ranges, HEAD, gzip", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre).serving;
    const text = await (await serving.get("/live/test/main_stream.m3u8")).text();
    const file = `/live/test/${readPlaylist(text).segments[0]!.name}`;
    const whole = await (await serving.get(file)).bytes();
    for (const [range, status, from, to] of [
      ["bytes=10-19", 206, 10, 20],
      [`bytes=-5`, 206, whole.length - 5, whole.length],
      ["bytes=1000000-", 416, 0, 0],
    ] as const) {
      const answer = await serving.get(file, { headers: { Range: range } });
      expect([answer.status, Buffer.from(await answer.bytes())]).toEqual([
        status,
        Buffer.from(whole.subarray(from, to)),
      ]);
    }
    const head = await serving.get(file, { method: "HEAD" });
    expect([head.status, (await head.bytes()).length]).toEqual([200, 0]);
    const packed = await serving.get("/live/test/main_stream.m3u8", {
      headers: { "Accept-Encoding": "gzip" },
      decompress: false,
    } as RequestInit);
    expect(packed.headers.get("Content-Encoding")).toBe("gzip");
    expect(new TextDecoder().decode(Bun.gunzipSync(await packed.arrayBuffer()))).toBe(text);
  });

  test("what makes no sense is a bad request, what is not there is not found", async () => {
    using theatre = new Theatre(usual, { options: { playWaitMs: 0 } });
    await using serving = serve(theatre).serving;
    for (const [path, status] of [
      ["/live/test/main_stream.m3u8?_HLS_part=1", 400],
      ["/live/test/main_stream.m3u8?_HLS_msn=x", 400],
      ["/live/test/main_stream.m3u8?_HLS_msn=1000", 400],
      ["/live/test/x_seg1.mp4", 404],
      ["/live/test/..%2f..%2fetc%2fpasswd.mp4", 400],
      ["/live/%00/index.m3u8", 400],
      ["/index.m3u8", 400],
    ] as const) {
      const { status: got } = await serving.get(path);
      expect([path, got]).toEqual([path, status]);
    }
    const missing = serving.get("/live/none/index.m3u8");
    await Bun.sleep(20);
    theatre.clock.advance(1_000);
    expect((await missing).status).toBe(404);
  });

  test("no name breaks a playlist, a header or an answer", async () => {
    for (const name of ['<script>alert("1")</script>', "a'b\"c", "ü/%2e", "a\u2027b", "x#y?z"]) {
      using theatre = new Theatre(usual);
      await using serving = serve(theatre, openAccess, `live/${name}`).serving;
      const base = `/live/${encodeURIComponent(name)}`;
      const index = await serving.get(`${base}/index.m3u8`);
      expect([index.status, index.headers.get("Content-Type")]).toEqual([
        200,
        "application/vnd.apple.mpegurl",
      ]);
      expect(await index.text()).not.toContain(name);
      const text = await (await serving.get(`${base}/main_stream.m3u8`)).text();
      expect(faultsOf(text)).toEqual([]);
      expect(text).not.toContain(name);
      expect((await serving.get(`${base}/${readPlaylist(text).segments[0]!.name}`)).status).toBe(200);
    }
  });
});

describe("HLS over HTTP, for those who prove who they are", () => {
  test("addresses carry a token that lets through what they name, and nothing else", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre, onlyAnna).serving;
    expect((await serving.get("/live/test/index.m3u8")).status).toBe(401);
    expect((await serving.get("/live/test/main_stream.m3u8")).status).toBe(401);
    const index = await serving.get("/live/test/index.m3u8", { headers: basic });
    expect(index.headers.get("Cache-Control")).toBe("private, no-store");
    const [address = ""] = /^main.*$/m.exec(await index.text()) ?? [];
    expect(address).toMatch(/^main_stream\.m3u8\?session=[\w-]{22}$/);
    const text = await (await serving.get(`/live/test/${address}`)).text();
    expect(faultsOf(text)).toEqual([]);
    const { segments, hint } = readPlaylist(text);
    const token = address.substring(address.indexOf("?"));
    const names = segments.flatMap(({ name, init, parts }) => [
      name,
      init,
      ...parts.map((part) => part.name),
    ]);
    for (const name of [...names, hint]) expect(name ?? token).toEndWith(token);
    const [first] = segments;
    expect((await serving.get(`/live/test/${first!.name}`)).status).toBe(200);
    expect((await serving.get(`/live/test/${first!.name!.replace(token, "")}`)).status).toBe(401);
    expect((await serving.get(`/live/other/${first!.name}`)).status).toBe(401);
    expect((await serving.get(`/live/test/${first!.name!.replace(/.$/, "!")}`)).status).toBe(401);
    const [session] = [...theatre.sessions];
    expect(session!.view).toMatchObject({ user: "anna", isCdn: false, path: "live/test" });
  });

  test("credentials in the query count, and are in no playlist", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre, onlyAnna).serving;
    const text = await (await serving.get("/live/test/index.m3u8?user=anna&pass=secret")).text();
    expect(text).toContain("session=");
    expect(text).not.toContain("secret");
    expect((await serving.get("/live/test/index.m3u8?user=anna&pass=wrong")).status).toBe(401);
  });

  test("who is no longer let in cannot begin anew while it watches", async () => {
    using theatre = new Theatre(usual);
    let isKnown = true;
    const access: Access = {
      decide: (request) =>
        isKnown
          ? onlyAnna.decide(request)
          : { isAllowed: false, reason: "denied", message: "no", delayMs: 0 },
    };
    await using serving = serve(theatre, access).serving;
    const index = () => serving.get("/live/test/index.m3u8", { headers: basic });
    expect([(await index()).status, (await index()).status, theatre.sessions.size]).toEqual([200, 200, 1]);
    isKnown = false;
    expect((await index()).status).toBe(401);
  });

  test("a token is worth nothing when its session has been idle", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre, onlyAnna).serving;
    const text = await (await serving.get("/live/test/index.m3u8", { headers: basic })).text();
    const [address = ""] = /^main.*$/m.exec(text) ?? [];
    theatre.clock.advance(29_000);
    expect((await serving.get(`/live/test/${address}`)).status).toBe(200);
    theatre.clock.advance(32_000);
    expect((await serving.get(`/live/test/${address}`)).status).toBe(401);
  });

  test("a CDN with its secret needs no token, and is one viewer", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre, onlyAnna).serving;
    const headers = { Authorization: "Bearer cdn-secret" };
    const index = await serving.get("/live/test/index.m3u8", { headers });
    expect([index.status, index.headers.get("Cache-Control")]).toEqual([
      200,
      "public, max-age=0, s-maxage=1",
    ]);
    expect(await index.text()).not.toContain("session=");
    const more = { ...headers, "User-Agent": "another edge" };
    expect((await serving.get("/live/test/main_stream.m3u8", { headers: more })).status).toBe(200);
    expect([...theatre.sessions].map(({ view: { isCdn } }) => isCdn)).toEqual([true]);
    const wrong = { headers: { Authorization: "Bearer cdn-secreu" } };
    expect((await serving.get("/live/test/index.m3u8", wrong)).status).toBe(401);
  });

  test("anybody who may, may without a token, whatever they show", async () => {
    using theatre = new Theatre(usual);
    await using serving = serve(theatre).serving;
    const text = await (await serving.get("/live/test/index.m3u8?utm=mail", { headers: basic })).text();
    expect(text).not.toContain("session=");
    expect((await serving.get("/live/test/main_stream.m3u8")).status).toBe(200);
    expect([...theatre.sessions].length).toBe(1);
  });

  test("who is sent away hears 401 until it begins anew", async () => {
    for (const [access, headers] of [
      [openAccess, {}],
      [onlyAnna, basic],
    ] as const) {
      using theatre = new Theatre(usual);
      await using serving = serve(theatre, access).serving;
      const begin = async () => {
        const text = await (await serving.get("/live/test/index.m3u8", { headers })).text();
        return `/live/test/${/^main.*$/m.exec(text)?.[0]}`;
      };
      const list = await begin();
      const [session] = [...theatre.sessions];
      expect(theatre.sessions.kick(session!.peer.id)).toBe(true);
      expect(theatre.sessions.kick(session!.peer.id)).toBe(false);
      for (let asked = 0; asked < 3; asked++) {
        expect((await serving.get(list)).status).toBe(401);
        theatre.clock.advance(20_000);
      }
      expect((await serving.get(await begin())).status).toBe(200);
      expect(theatre.muxers.find(parseStreamPath("live/test"))).toBeDefined();
    }
  });
});
