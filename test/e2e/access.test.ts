import { describe, expect } from "bun:test";
import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { curl } from "./harness/curl.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { leaks } from "./harness/leaks.ts";
import { shortClip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { Program } from "./harness/program.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "curl");
const testGst = needsTools("gst-launch-1.0");

const pages = ["--api-address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0"];

/** A server that goes by a file, with API and metrics. */
const serve = async (directory: TempDirectory, config: string): Promise<Server> => {
  const file = directory.file("rtmp-server.yml");
  await Bun.write(file, config);
  return await Server.start({ flags: ["--config", file, ...pages] });
};

const basic = (user: string, password: string): string[] => ["-u", `${user}:${password}`];

/** How an attempt of ours to publish ended, and after how long. */
const attempt = async (url: string): Promise<{ outcome: string; ms: number }> => {
  const start = performance.now();
  const outcome = await OwnPublisher.connect(url).then(
    (publisher) => {
      publisher[Symbol.dispose]();
      return "published";
    },
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { outcome, ms: performance.now() - start };
};

const unauthorized = "NetStream.Publish.Unauthorized: authentication failed";

/** Publishes and plays with the same query, and gives what of it was wrong. */
const faultsOf = async (server: Server, at: { name: string; query: string }): Promise<readonly string[]> => {
  const file = await shortClip();
  const url = `${server.url(at.name)}?${at.query}`;
  const connected = { msg: "connect response sent" };
  const nth = server.matching(connected).length + 1;
  await using player = new FfmpegPlayer(url);
  await server.line(connected, { nth });
  await using publisher = publish(file, url);
  await publisher.success();
  return compare(await player.packets(), await packetsOf(file)).faults;
};

describe("users of the configuration", () => {
  const secrets = {
    plain: "Plain-open-sesame-1",
    hashed: "Hashed-open-sesame-2",
    argon: "Argon-open-sesame-3",
    admin: "Admin-open-sesame-4",
    wrong: "Wrong-open-sesame-5",
  };
  const digest = createHash("sha256").update(secrets.hashed).digest("base64");

  const config = async (more = ""): Promise<{ text: string; encoded: string }> => {
    const encoded = await Bun.password.hash(secrets.argon, {
      ...{ algorithm: "argon2id", memoryCost: 4096, timeCost: 3 },
    });
    const media = "permissions: [{action: publish, path: ~^live/}, {action: read}]";
    const text = `${more}
authInternalUsers:
  - {user: plain, pass: ${secrets.plain}, ${media}}
  - {user: hashed, pass: "sha256:${digest}", ${media}}
  - {user: argon, pass: "argon2:${encoded}", ${media}}
  - {user: admin, pass: ${secrets.admin}, permissions: [{action: api}, {action: metrics}]}
paths: {all_others: }
`;
    return { text, encoded };
  };

  test("publish and play with FFmpeg, whatever way their password is kept, and no secret is shown", async () => {
    using directory = new TempDirectory();
    const { text, encoded } = await config();
    await using server = await serve(directory, text);
    for (const user of ["plain", "hashed", "argon"] as const) {
      const query = `user=${user}&pass=${secrets[user]}`;
      expect(await faultsOf(server, { name: `live/${user}`, query })).toEqual([]);
    }
    expect((await attempt(`${server.url("other/x")}?user=plain&pass=${secrets.plain}`)).outcome).toBe(
      unauthorized,
    );
    using _publisher = await OwnPublisher.connect(
      `${server.url("live/x")}?user=plain&pass=${secrets.plain}&lang=es`,
    );
    using player = new OwnPlayer(`${server.url("live/x")}?user=plain&pass=${secrets.plain}`);
    await player.started;
    const api = `${await server.pages("control API")}/v3/rtmpconns/list`;
    const login = basic("admin", secrets.admin);
    const { items } = JSON.parse((await curl(api, login)).body) as {
      items: { user: string; query: string }[];
    };
    expect(items.map(({ user }) => user)).toEqual(["plain", "plain"]);
    expect(items.map(({ query }) => query)).toContain("user=plain&pass=***&lang=es");
    const hidden = [
      ...Object.values(secrets),
      digest,
      encoded,
      Buffer.from(`admin:${secrets.admin}`).toString("base64"),
    ];
    expect(await leaks(server, { secrets: hidden, login })).toEqual([]);
  });

  test("are told apart from those who guess, who get slower answers, and FFmpeg says why", async () => {
    using directory = new TempDirectory();
    const { text } = await config();
    await using server = await serve(directory, text);
    const url = server.url("live/x");
    await using encoder = publish(await shortClip(), `${url}?user=plain&pass=${secrets.wrong}`);
    const { code, err } = await encoder.exit();
    expect(code).not.toBe(0);
    expect(err).toContain("authentication failed");
    const tries: { outcome: string; ms: number }[] = [];
    for (let count = 0; count < 5; count++)
      tries.push(await attempt(`${url}?user=plain&pass=${secrets.wrong}${count}`));
    const times = tries.map(({ ms }) => ms);
    console.info(
      `wrong passwords 2 to 6 are answered after ${times.map((ms) => ms.toFixed(0)).join(", ")} ms`,
    );
    expect(tries.map(({ outcome }) => outcome)).toEqual(Array(5).fill(unauthorized));
    expect(times.map((ms) => ms > 240)).toEqual([false, false, true, true, true]);
    expect(times[4]).toBeGreaterThan(990);
    // Who has the password is not held back by those who have not.
    const right = await attempt(`${url}?user=plain&pass=${secrets.plain}`);
    expect(right).toMatchObject({ outcome: "published" });
    expect(right.ms).toBeLessThan(200);
    expect((await attempt(url)).outcome).toBe(unauthorized);
    using player = new OwnPlayer(`${url}?user=plain&pass=${secrets.wrong}`);
    expect((await player.ended)?.message).toBe("NetStream.Play.Failed: authentication failed");
    const login = basic("admin", secrets.admin);
    expect(await leaks(server, { secrets: Object.values(secrets), login })).toEqual([]);
  });

  test("open the pages by Basic authentication", async () => {
    using directory = new TempDirectory();
    const { text } = await config();
    await using server = await serve(directory, text);
    const urls = [
      `${await server.pages("control API")}/v3/paths/list`,
      `${await server.pages("metrics and health pages")}/metrics`,
    ];
    const refusal = { status: 401, body: `{"status":"error","error":"authentication error"}` };
    for (const url of urls) {
      const { status, body } = await curl(url, ["-D", "-"]);
      expect(status).toBe(401);
      expect(body).toMatch(/^WWW-Authenticate: Basic realm="mediamtx"\r$/im);
      expect(body).toEndWith(refusal.body);
      expect(await curl(url, basic("admin", secrets.wrong))).toMatchObject(refusal);
      // Somebody who may publish is not one who may look.
      expect(await curl(url, basic("plain", secrets.plain))).toMatchObject(refusal);
      expect(await curl(url, basic("admin", secrets.admin))).toMatchObject({ status: 200 });
    }
    expect(await curl(`${urls[0]}/no/such/page`)).toMatchObject({ status: 401 });
    expect(
      await leaks(server, { secrets: Object.values(secrets), login: basic("admin", secrets.admin) }),
    ).toEqual([]);
  });

  test("log in with the fields of an encoder where it is asked to, and FFmpeg does", async () => {
    using directory = new TempDirectory();
    const { text } = await config("rtmpAuthChallenge: yes");
    await using server = await serve(directory, text);
    const file = await shortClip();
    const at = (login: string): string => `rtmp://${login}@127.0.0.1:${server.port}/live/x`;
    await using player = new FfmpegPlayer(`${server.url("live/x")}?user=plain&pass=${secrets.plain}`);
    await server.line({ msg: "connect response sent" });
    await using encoder = publish(file, at(`plain:${secrets.plain}`));
    await encoder.success();
    expect(compare(await player.packets(), await packetsOf(file)).faults).toEqual([]);
    await using wrong = publish(file, at(`plain:${secrets.wrong}`));
    expect((await wrong.exit()).err).toContain("Incorrect username/password");
    // Nobody can prove by a challenge what the server knows as a digest only.
    await using digested = publish(file, at(`hashed:${secrets.hashed}`));
    expect((await digested.exit()).code).not.toBe(0);
    expect(
      await leaks(server, { secrets: Object.values(secrets), login: basic("admin", secrets.admin) }),
    ).toEqual([]);
  });

  test("cannot log in by fields where nobody asks, and hear that they may not publish", async () => {
    using directory = new TempDirectory();
    const { text } = await config();
    await using server = await serve(directory, text);
    const at = `rtmp://plain:${secrets.plain}@127.0.0.1:${server.port}/live/x`;
    await using encoder = publish(await shortClip(), at);
    expect((await encoder.exit()).err).toContain("authentication failed");
    const { error } = await server.line({ msg: "publish refused" });
    expect(error).toBe("user and password are needed to publish here");
  });

  testGst("log in with rtmp2sink of GStreamer", async () => {
    using directory = new TempDirectory();
    const { text } = await config("rtmpAuthChallenge: yes");
    await using server = await serve(directory, text);
    const location = `location=${server.url("live/gst")} username=plain`;
    const pipeline = `videotestsrc num-buffers=30 ! x264enc ! flvmux streamable=true ! rtmp2sink ${location}`;
    const launch = (password: string): Program =>
      new Program(["gst-launch-1.0", "-q", ...pipeline.split(" "), `password=${password}`]);
    await using encoder = launch(secrets.plain);
    await encoder.success();
    const { video_packets } = await server.line({ msg: "publish stopped" });
    expect(Number(video_packets)).toBeGreaterThan(25);
    await using wrong = launch(secrets.wrong);
    expect((await wrong.exit()).code).not.toBe(0);
  });
});

describe("tokens that are signed", () => {
  test("let FFmpeg publish and play what they say, and no more", async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const other = await generateKeyPair("RS256");
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" }] };
    let fetched = 0;
    await using jwks = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => {
        fetched++;
        return Response.json(keys);
      },
    });
    const token = (claims: { path: string; key?: typeof privateKey; expires?: string }): Promise<string> => {
      const { path, key = privateKey, expires = "1h" } = claims;
      const permissions = ["publish", "read"].map((action) => ({ action, path }));
      return new SignJWT({ mediamtx_permissions: permissions })
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setSubject("encoder-7")
        .setExpirationTime(expires)
        .sign(key);
    };
    using directory = new TempDirectory();
    await using server = await serve(
      directory,
      `authMethod: jwt
authJWTJWKS: http://127.0.0.1:${jwks.port}/jwks
authJWTExclude: [{action: api}, {action: metrics}]
paths: {all_others: }
`,
    );
    const right = await token({ path: "live/x" });
    expect(await faultsOf(server, { name: "live/x", query: `jwt=${right}` })).toEqual([]);
    const url = server.url("live/x");
    using _publisher = await OwnPublisher.connect(`${url}?token=${right}`);
    const { body } = await curl(`${await server.pages("control API")}/v3/rtmpconns/list`);
    expect(JSON.parse(body)).toMatchObject({ items: [{ user: "encoder-7", query: "token=***" }] });
    const wrong = [
      await token({ path: "live/other" }),
      await token({ path: "live/x", key: other.privateKey }),
      await token({ path: "live/x", expires: "-1 minute" }),
    ];
    for (const each of wrong) expect((await attempt(`${url}?jwt=${each}`)).outcome).toBe(unauthorized);
    expect((await attempt(url)).outcome).toBe(unauthorized);
    expect(fetched).toBe(1);
    expect(await leaks(server, { secrets: [right, ...wrong] })).toEqual([]);
  });
});

describe("an access server", () => {
  test("is asked in MediaMTX's form, and its answer counts", async () => {
    const asked: unknown[] = [];
    const password = "Http-open-sesame-1";
    await using backend = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const question = (await request.json()) as { password: string };
        asked.push({ ...question, type: request.headers.get("content-type") });
        return new Response(null, { status: question.password === password ? 200 : 403 });
      },
    });
    using directory = new TempDirectory();
    await using server = await serve(
      directory,
      `authMethod: http
authHTTPAddress: http://127.0.0.1:${backend.port}/auth?key=Backend-open-sesame-2
authHTTPExclude: [{action: api}, {action: metrics}]
paths: {all_others: }
`,
    );
    const query = `user=jo&pass=${password}`;
    expect(await faultsOf(server, { name: "live/x", query })).toEqual([]);
    expect((await attempt(`${server.url("live/x")}?user=jo&pass=Wrong-open-sesame-3`)).outcome).toBe(
      unauthorized,
    );
    const question = (action: string, agent: RegExp) => ({
      ...{ ip: "127.0.0.1", user: "jo", password, token: password, action, path: "live/x" },
      ...{ protocol: "rtmp", id: expect.stringMatching(/^[0-9a-f-]{36}$/), query, type: "application/json" },
      userAgent: expect.stringMatching(agent),
    });
    expect(asked.slice(0, 2)).toEqual([question("read", /^LNX/), question("publish", /^FMLE/)]);
    expect(Object.keys(asked[0] as object)).toEqual([
      ...[
        "ip",
        "user",
        "password",
        "token",
        "action",
        "path",
        "protocol",
        "id",
        "query",
        "userAgent",
        "type",
      ],
    ]);
    expect(asked.length).toBe(3);
    const secrets = [password, "Backend-open-sesame-2", "Wrong-open-sesame-3"];
    expect(await leaks(server, { secrets })).toEqual([]);
  });
});

describe("tokens of streams by flags", () => {
  const right = "Stream-open-sesame-1";
  const next = "Stream-open-sesame-2";

  test("are those of the command line", async () => {
    await using server = await Server.start({
      flags: [...pages, "--auth-mode", "token", "--auth-token", `live/x=${right}`],
    });
    expect(await faultsOf(server, { name: "live/x", query: `token=${right}` })).toEqual([]);
    expect((await attempt(`${server.url("live/x")}?token=${next}`)).outcome).toBe(unauthorized);
    expect((await attempt(`${server.url("live/y")}?token=${right}`)).outcome).toBe(unauthorized);
    expect(await leaks(server, { secrets: [right, next] })).toEqual([]);
  });

  test("are those of a file, which is read again on SIGHUP, and who publishes stays", async () => {
    using directory = new TempDirectory();
    const file = directory.file("tokens.json");
    await Bun.write(file, JSON.stringify({ "live/x": right }));
    await using server = await Server.start({
      flags: [...pages, "--auth-mode", "file", "--auth-file", file],
    });
    const url = server.url("live/x");
    using old = await OwnPublisher.connect(`${url}?token=${right}`);
    await Bun.write(file, JSON.stringify({ "live/x": next, "live/y": next }));
    expect((await attempt(`${server.url("live/y")}?token=${next}`)).outcome).toBe(unauthorized);
    server.signal("SIGHUP");
    await server.line({ msg: "tokens read again" });
    expect((await attempt(`${server.url("live/y")}?token=${next}`)).outcome).toBe("published");
    expect((await attempt(`${url}?token=${right}`)).outcome).toBe(unauthorized);
    await Bun.write(file, "{");
    server.signal("SIGHUP");
    await server.line({ msg: "tokens not read again, the old ones stay" });
    expect((await attempt(`${server.url("live/y")}?token=${next}`)).outcome).toBe("published");
    expect(await Promise.race([old.ended, Promise.resolve("publishing")])).toBe("publishing");
    expect(await leaks(server, { secrets: [right, next] })).toEqual([]);
  });

  test("are those that a callback says yes to", async () => {
    const asked: Record<string, unknown>[] = [];
    await using backend = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const question = (await request.json()) as Record<string, unknown>;
        asked.push(question);
        return new Response(null, { status: question.token === right ? 200 : 401 });
      },
    });
    const callback = `http://127.0.0.1:${backend.port}/auth`;
    await using server = await Server.start({
      flags: [...pages, "--auth-mode", "callback", "--auth-callback", callback],
    });
    expect(await faultsOf(server, { name: "live/x", query: `token=${right}` })).toEqual([]);
    expect((await attempt(`${server.url("live/x")}?token=${next}`)).outcome).toBe(unauthorized);
    expect(asked.map(({ action, app, stream_name }) => `${action} ${app} ${stream_name}`)).toEqual([
      ...["play live x", "publish live x", "publish live x"],
    ]);
    expect(await leaks(server, { secrets: [right, next] })).toEqual([]);
  });
});
