import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../src/base/log.ts";
import { firstStepsResource } from "../../../src/http/watch/first-steps.ts";
import { streamStateResource } from "../../../src/http/watch/stream-state.ts";
import { type Access, openAccess } from "../../../src/stream/admission.ts";
import { House, opening, send } from "../../stream/house.ts";
import { Serving } from "../serving.ts";

const serve = (house: House, access: Access = openAccess): Serving => {
  const { registry } = house;
  const isOnDemand = (path: string): boolean => path === "cam";
  const resource = streamStateResource({ registry, isOnDemand });
  return new Serving([resource], silentLogger, { access: { access } });
};

const idle = { isLive: false, isOnDemand: false, tracks: [] };

describe("the state of a stream", () => {
  test("is that nobody is there, and asking makes nothing of it", async () => {
    const house = new House();
    await using serving = serve(house);
    const answer = await serving.get("/.state/live/a");
    expect([answer.headers.get("Cache-Control"), await answer.json()]).toEqual([
      "no-store",
      { path: "live/a", ...idle },
    ]);
    expect(await (await serving.get("/.state/cam")).json()).toEqual({
      path: "cam",
      ...idle,
      isOnDemand: true,
    });
    expect([...house.registry.streams]).toEqual([]);
  });

  test("is what there is to play, once that is known", async () => {
    const house = new House();
    await using serving = serve(house);
    const publication = house.publish();
    send(publication, { kind: "audio", role: "config" });
    expect(await (await serving.get("/.state/live/a")).json()).toMatchObject({ isLive: false, tracks: [] });
    send(publication, ...opening());
    const nothing = { codecString: null, width: null, height: null };
    expect(await (await serving.get("/.state/live/a")).json()).toEqual({
      ...{ path: "live/a", ...idle, isLive: true },
      tracks: expect.arrayContaining([
        { kind: "video", codec: "H264", ...nothing },
        { kind: "audio", codec: "AAC", ...nothing },
      ]),
    });
  });

  test("is not told to those who may not read it, and no browser asks them for a password", async () => {
    const denied: Access = {
      decide: ({ action, path, protocol }) => {
        expect([action, path as string, protocol]).toEqual(["read", "live/a", "flv"]);
        return { isAllowed: false, reason: "missing", message: "nothing shown", delayMs: 0 };
      },
    };
    await using serving = serve(new House(), denied);
    const answer = await serving.get("/.state/live/a");
    expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([401, null]);
  });

  test("of a name that cannot be is refused, and says why", async () => {
    await using serving = serve(new House());
    for (const name of ["a%00b", "a%5cb", "a%0db"]) {
      const answer = await serving.get(`/.state/${name}`);
      expect([answer.status, Object.keys((await answer.json()) as object)]).toEqual([
        400,
        ["status", "error"],
      ]);
    }
  });
});

test("the first steps are told as they are at the moment", async () => {
  let rtmp: number | null = 1935;
  await using serving = new Serving([firstStepsResource(() => ({ rtmp, rtmps: null, login: "none" }))]);
  expect(await (await serving.get("/.first-steps")).json()).toEqual({
    rtmp: 1935,
    rtmps: null,
    login: "none",
  });
  rtmp = null;
  expect(await (await serving.get("/.first-steps")).json()).toMatchObject({ rtmp: null });
});
