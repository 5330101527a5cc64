import { expect, test } from "bun:test";
import type { Page } from "../../../src/http/api/page.ts";
import type { RtspConnObject, RtspSessionObject } from "../../../src/http/api/rtsp-objects.ts";
import { announcement, request } from "../../rtsp/io/room.ts";
import { RtspStation } from "../../rtsp/io/rtsp-station.ts";
import { ApiServing, expectOk } from "./api-serving.ts";
import { fakePorts } from "./fake-ports.ts";

test("who publishes by RTSP is listed as a connection and a session, and ends when it is kicked", async () => {
  using station = new RtspStation();
  const { sessions } = station;
  await using api = new ApiServing({
    ...fakePorts().ports,
    rtspConns: {
      get connections() {
        return sessions.connections("rtspSession");
      },
    },
    rtspSessions: {
      get sessions() {
        return sessions.sessions("rtspSession");
      },
      kick: (id) => sessions.kick(id),
    },
  });
  const list = async <Item>(kind: string): Promise<readonly Item[]> =>
    ((await api.ask(`GET /v3/${kind}/list`)).body as Page<Item>).items;

  const answers = new Answers();
  const socket = {
    data: (_: unknown, bytes: Uint8Array) => answers.take(bytes),
    close: () => answers.end(),
  };
  const client = await Bun.connect({ hostname: "127.0.0.1", port: station.ports.port("rtsp") ?? 0, socket });
  const ask = async (method: string, url: string, headers: readonly string[], body = ""): Promise<string> => {
    client.write(request(method, url, ["User-Agent: Camera/1", ...headers], body));
    return await answers.next();
  };

  const url = `${station.rtsp("live/a")}?token=hunter2&a=b`;
  await ask("ANNOUNCE", url, ["CSeq: 1", "Content-Type: application/sdp"], announcement);
  const [made] = await list<RtspSessionObject>("rtspsessions");
  expect(made).toMatchObject({ state: "idle", path: "", query: "", transport: null, profile: null });

  const transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record";
  const answer = await ask("SETUP", `${url}/streamid=0`, ["CSeq: 2", transport]);
  const token = /Session: (\w+)/i.exec(answer)?.[1];
  expect(await ask("RECORD", url, ["CSeq: 3", `Session: ${token}`])).toStartWith("RTSP/1.0 200 ");

  const [conn] = await list<RtspConnObject>("rtspconns");
  const [session] = await list<RtspSessionObject>("rtspsessions");
  expect(session).toMatchObject({
    id: made?.id,
    remoteAddr: `127.0.0.1:${client.localPort}`,
    state: "publish",
    path: "live/a",
    query: "token=***&a=b",
    userAgent: "Camera/1",
    transport: "TCP",
    profile: "AVP",
    conns: [conn?.id],
  });
  expect(conn).toMatchObject({ session: session?.id, remoteAddr: session?.remoteAddr, tunnel: "none" });
  expect(conn?.inboundBytes).toBeGreaterThan(announcement.length);
  // What a client may end the session by is no business of whoever looks at it.
  expect(JSON.stringify([conn, session])).not.toContain(`${token}`);

  expectOk(await api.ask(`POST /v3/rtspsessions/kick/${session?.id}`));
  expect(await list("rtspsessions")).toEqual([]);
  await answers.ended;
});

/** What a client hears, an answer without a body at a time. */
class Answers {
  #text = "";
  #waiting: ((answer: string) => void) | undefined;
  readonly #end = Promise.withResolvers<void>();

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  take(bytes: Uint8Array): void {
    this.#text += new TextDecoder().decode(bytes);
    this.#give();
  }

  end(): void {
    this.#end.resolve();
  }

  async next(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting = resolve;
    this.#give();
    return await promise;
  }

  #give(): void {
    const at = this.#text.indexOf("\r\n\r\n");
    if (at < 0 || !this.#waiting) return;
    const answer = this.#text.substring(0, at);
    this.#text = this.#text.substring(at + 4);
    this.#waiting(answer);
    this.#waiting = undefined;
  }
}
