import { describe, expect } from "bun:test";
import { curl } from "./harness/curl.ts";
import { TempDirectory } from "./harness/directory.ts";
import { leaks } from "./harness/leaks.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { freePort } from "./harness/port.ts";
import { Program } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("curl", "ffmpeg");

const secrets = {
  user: "sesame-user-1",
  admin: "sesame-admin-2",
  login: "sesame-login-3",
  key: "sesame-key-4",
  relay: "sesame-relay-5",
  forward: "sesame-forward-6",
  source: "sesame-source-7",
  hook: "sesame-hook-8",
  signing: "sesame-signing-9",
  asked: "sesame-asked-10",
  camera: "sesame-camera-11",
  wrong: "sesame-wrong-12",
};

/** A configuration with a secret everywhere one can be; nobody listens on `port`. */
const config = (port: number): string => `
authInternalUsers:
  - {user: jo, pass: ${secrets.user}, permissions: [{action: publish}, {action: read}]}
  - {user: admin, pass: ${secrets.admin}, permissions: [{action: api}, {action: metrics}]}
authHTTPAddress: http://jo:${secrets.login}@127.0.0.1:${port}/auth?key=${secrets.key}
relayTo: ["rtmp://127.0.0.1:${port}/app/{name}?token=${secrets.relay}"]
hooks:
  webhooks:
    - event_types: [publish_start]
      url: "http://127.0.0.1:${port}/hook?key=${secrets.hook}"
      auth: {type: hmac, secret: ${secrets.signing}-which-is-long-enough}
paths:
  pulled:
    source: rtmp://eve:${secrets.source}@127.0.0.1:${port}/a/b
  camera:
    source: rtsp://eve:${secrets.camera}@127.0.0.1:${port}/a?key=${secrets.camera}
  sent/on:
    forward: [{dest: "rtmp://bob:${secrets.forward}@127.0.0.1:${port}/app/$MTX_PATH?token=${secrets.forward}"}]
  all_others:
`;

describe("a server that knows many secrets", () => {
  test("shows none of them, whatever fails, and keeps them when what it shows is given back", async () => {
    using directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    await Bun.write(file, config(freePort()));
    const pages = ["--api-address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0"];
    const rtsp = ["rtsp", "rtp", "rtcp"].flatMap((name) => [`--${name}-address`, "127.0.0.1:0"]);
    await using server = await Server.start({ flags: ["--config", file, ...pages, ...rtsp] });
    const api = `${await server.pages("control API")}/v3`;
    const login = ["-u", `admin:${secrets.admin}`];
    const shown = `user=jo&pass=${secrets.user}`;
    // OBS users put a query behind the server's URL; it comes with the application then.
    using _first = await OwnPublisher.connect({
      ...{ url: `rtmp://127.0.0.1:${server.port}/`, app: `live?${shown}&token=${secrets.asked}`, name: "x" },
    });
    using _second = await OwnPublisher.connect(`${server.url("sent/on")}?${shown}`);
    using _waiting = new OwnPlayer(`${server.url("live/nobody")}?${shown}&key=${secrets.asked}`);
    const at = await server.rtspUrl(`live/nobody?token=${secrets.asked}`);
    const readers = [secrets.user, secrets.wrong].map(
      (password) => new Program(["ffmpeg", "-i", at.replace("//", `//jo:${password}@`), "-f", "null", "-"]),
    );
    await using _reader = readers[0]!;
    await using refused = readers[1]!;
    expect((await refused.exit()).err).toContain("401");
    for (const stream_key of ["live/x", "sent/on"])
      await server.line({ msg: "Failed to connect to destination", stream_key });

    for (const part of ["global", "pathdefaults"]) {
      const got = (await curl(`${api}/config/${part}/get`, login)).body;
      const patch = [...login, "-X", "PATCH", "-d", got];
      expect(await curl(`${api}/config/${part}/patch`, patch)).toMatchObject({ status: 200 });
      expect((await curl(`${api}/config/${part}/get`, login)).body).toBe(got);
    }
    for (const path of ["pulled", "camera", "sent/on"]) {
      const got = (await curl(`${api}/config/paths/get/${path}`, login)).body;
      const patch = [...login, "-X", "PATCH", "-d", got];
      expect(await curl(`${api}/config/paths/patch/${path}`, patch)).toMatchObject({ status: 200 });
      expect((await curl(`${api}/config/paths/get/${path}`, login)).body).toBe(got);
    }
    using _later = await OwnPublisher.connect(`${server.url("live/y")}?${shown}`);
    const { items } = JSON.parse((await curl(`${api}/relays/list`, login)).body) as {
      items: { path: string; state: string }[];
    };
    expect(items.map(({ path, state }) => `${path} ${state}`)).toContain("live/nobody idle");
    const lists = ["rtspconns/list", "rtspsessions/list"];
    expect(await leaks(server, { secrets: Object.values(secrets), login, lists })).toEqual([]);
    const live = await fetch(`${api}/live`, {
      headers: { Authorization: `Basic ${btoa(`admin:${secrets.admin}`)}` },
    });
    for await (const chunk of live.body as unknown as AsyncIterable<Uint8Array>) {
      const text = new TextDecoder().decode(chunk);
      expect(text).toContain("Failed to connect to destination");
      expect(Object.values(secrets).filter((secret) => text.includes(secret))).toEqual([]);
      break;
    }
  });

  test("checks its file without showing them", async () => {
    using directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    await Bun.write(file, config(1));
    await using check = new Program([...serverCommand, "check", file]);
    const { code, out, err } = await check.exit();
    expect(code).toBe(0);
    expect(out).toContain("<redacted>");
    expect(Object.values(secrets).filter((secret) => (out + err).includes(secret))).toEqual([]);
  });
});
