import { describe, expect, test } from "bun:test";
import { answerChallenges } from "../../../src/rtsp/auth.ts";
import type { Admission, AdmissionRequest } from "../../../src/stream/admission.ts";
import { bringOpening } from "./bodies.ts";
import { announcement, Room, type RoomClient } from "./room.ts";

const url = "rtsp://192.0.2.1:8554/live/a";
const sdp = ["Content-Type: application/sdp"];

const basic = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** A room that lets `u` in with `p`, or by the token `t`, and writes down who asked for what. */
const guarded = (rtsp: ConstructorParameters<typeof Room>[0] = {}, { isLocked = false } = {}) => {
  const asked: AdmissionRequest[] = [];
  const wrong: string[] = [];
  const denied = (delayMs: number): Admission => ({
    isAllowed: false,
    reason: "denied",
    message: "wrong",
    delayMs,
  });
  const room = new Room({
    ...rtsp,
    context: {
      access: {
        decide: (request) => {
          asked.push(request);
          const { user, password, token } = request.credentials;
          if ((user === "u" && password === "p") || token === "t") return { isAllowed: true, user };
          if (user === "" && token === "")
            return { isAllowed: false, reason: "missing", message: "nothing shown", delayMs: 0 };
          return denied(2_000);
        },
      },
      passwords: {
        passwordsOf: (user) => (user === "u" ? ["other", "p"] : []),
        isLocked: () => isLocked,
        refuseWrong: (_request, message) => {
          wrong.push(message);
          return denied(0);
        },
      },
      ...rtsp.context,
    },
  });
  bringOpening(room.house.publish());
  return { room, asked, wrong };
};

/** The Authorization that answers what a client was asked for. */
const answering = (
  client: RoomClient,
  request: { method: string; url: string; password: string },
): string => {
  const [asking] = client.ask(request.method, request.url);
  const value = answerChallenges(asking?.headers.all("WWW-Authenticate") ?? [], {
    ...request,
    user: "u",
    cnonce: "c",
  });
  return `Authorization: ${value}`;
};

const settled = async (): Promise<void> => {
  await Promise.resolve();
  await Promise.resolve();
};

describe("a client that may not read without saying who it is", () => {
  test("is asked to, and gets on with user and password", () => {
    const { room, asked } = guarded();
    const client = room.client();
    const [asking] = client.ask("DESCRIBE", url);
    expect(asking?.status).toBe(401);
    expect(asking?.headers.all("WWW-Authenticate")).toEqual(['Basic realm="rtmp-server"']);
    expect(client.ask("DESCRIBE", url, [basic("u", "p")])[0]?.status).toBe(200);
    expect(client.ask("SETUP", `${url}/trackID=0`, ["Transport: RTP/AVP/TCP;unicast"])[0]?.status).toBe(401);
    const answer = client.ask("SETUP", `${url}/trackID=0`, [
      "Transport: RTP/AVP/TCP;unicast",
      basic("u", "p"),
    ])[0];
    expect(answer?.status).toBe(200);
    expect(asked.map(({ action, protocol, ip, path }) => [action, protocol, ip, String(path)])).toEqual(
      Array.from({ length: 4 }, () => ["read", "rtsp", "192.0.2.7", "live/a"]),
    );
    // A reader asks for its connection, and then for its session.
    expect(asked[1]?.id).toBe(client.connection.id);
    expect(asked[3]?.id).toBe([...room.sessions.keys()][0]);
    expect(room.house.kinds()).not.toContain("requestRefused");
  });

  test("may show a token in the URL, but no user and password", () => {
    const { room, asked } = guarded();
    const client = room.client();
    expect(client.status("DESCRIBE", `${url}?token=t`)).toBe(200);
    expect(client.setup(`${url}?token=t/trackID=0`)?.status).toBe(200);
    expect(room.client().status("DESCRIBE", `${url}?user=u&pass=p`)).toBe(401);
    expect(asked.at(-1)?.credentials.user).toBe("");
  });

  test("hears late that its password is wrong, and nothing else is read meanwhile", async () => {
    const { room } = guarded();
    const client = room.client();
    expect(client.ask("DESCRIBE", url, [basic("u", "x")])).toEqual([]);
    await settled();
    expect(client.ask("OPTIONS", url)).toEqual([]);
    expect(client.calls).toEqual(["pause"]);
    room.house.clock.advance(2_000);
    expect(client.answers().map(({ status }) => status)).toEqual([401, 200]);
    expect(client.calls).toEqual(["pause", "resume"]);
    expect(room.house.events).toContainEqual(
      expect.objectContaining({ kind: "requestRefused", action: "play", code: "ACCESS_DENIED" }),
    );
  });

  test("hears 503 where nobody can decide", () => {
    const unavailable: Admission = {
      isAllowed: false,
      reason: "unavailable",
      message: "no answer",
      delayMs: 0,
    };
    const { room } = guarded({ context: { access: { decide: () => unavailable } } });
    expect(room.client().status("DESCRIBE", url)).toBe(503);
  });
});

describe("a digest", () => {
  const options = { rtsp: { authMethods: ["basic", "digest"] as const } };

  test("is asked for where that is configured, and lets in who knows the password", () => {
    const { room, asked } = guarded(options);
    const client = room.client();
    const authorization = answering(client, { method: "DESCRIBE", url, password: "p" });
    expect(authorization).toStartWith("Authorization: Digest");
    expect(client.status("DESCRIBE", url, [authorization])).toBe(200);
    expect(asked.at(-1)?.credentials).toEqual({ user: "u", password: "p", token: "" });
  });

  test("that is wrong is counted as a wrong password", () => {
    const { room, asked, wrong } = guarded(options);
    const client = room.client();
    const authorization = answering(client, { method: "DESCRIBE", url, password: "x" });
    const before = asked.length;
    expect(client.status("DESCRIBE", url, [authorization])).toBe(401);
    expect(wrong.length).toBe(1);
    expect(asked.length).toBe(before);
  });

  test("that is right is wrong too for an address that has failed too often", () => {
    const { room, wrong } = guarded(options, { isLocked: true });
    const client = room.client();
    const authorization = answering(client, { method: "DESCRIBE", url, password: "p" });
    expect(client.status("DESCRIBE", url, [authorization])).toBe(401);
    expect(wrong.length).toBe(1);
  });

  test("that was made for another request lets nobody in", () => {
    const { room } = guarded(options);
    const client = room.client();
    const authorization = answering(client, {
      method: "DESCRIBE",
      url: "rtsp://192.0.2.1:8554/live/b",
      password: "p",
    });
    expect(client.status("DESCRIBE", url, [authorization])).toBe(401);
  });

  test("that is old may be made anew", () => {
    const { room, wrong } = guarded(options);
    const client = room.client();
    const authorization = answering(client, { method: "DESCRIBE", url, password: "p" });
    room.house.clock.advance(3_700_000);
    const [answer] = client.ask("DESCRIBE", url, [authorization]);
    expect(answer?.status).toBe(401);
    expect(answer?.headers.all("WWW-Authenticate").some((value) => value.includes("stale=true"))).toBe(true);
    expect(wrong).toEqual([]);
  });

  test("is of no use where only user and password in the clear are asked for", () => {
    const { room } = guarded();
    const client = room.client();
    const [asking] = client.ask("DESCRIBE", url);
    expect(asking?.headers.all("WWW-Authenticate").length).toBe(1);
    expect(client.status("DESCRIBE", url, ['Authorization: Digest username="u"'])).toBe(401);
  });
});

describe("a client that publishes", () => {
  test("is asked who it is when it announces", () => {
    const { room, asked } = guarded();
    const client = room.client();
    expect(client.status("ANNOUNCE", url, sdp, announcement)).toBe(401);
    expect(client.status("ANNOUNCE", url, [...sdp, basic("u", "p")], announcement)).toBe(200);
    expect(asked.map(({ action }) => action)).toEqual(["publish", "publish"]);
  });

  test("by RTSPS is told apart", () => {
    const { room, asked } = guarded();
    room.client({ isTls: true }).status("ANNOUNCE", url, sdp, announcement);
    expect(asked[0]?.protocol).toBe("rtsps");
  });
});
