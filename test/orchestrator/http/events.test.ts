import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import type { Call } from "../../../src/http/resource.ts";
import { EventSignature } from "../../../src/orchestrator/http/event-signature.ts";
import { eventResources } from "../../../src/orchestrator/http/events.ts";
import type { StreamEvent } from "../../../src/orchestrator/orchestrator.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { KeptLog } from "../../base/kept-log.ts";

const secret = "geheim";

/** Takes signed events, and remembers what it took. */
const desk = () => {
  const clock = new FakeClock();
  const taken: StreamEvent[] = [];
  const take = (event: StreamEvent) => {
    taken.push(event);
    return { kind: "ignored", why: "a test" } as const;
  };
  const resources = eventResources({
    ...{ take, clock, log: new KeptLog() },
    signature: new EventSignature(secret),
  });
  const post = async (kind: string, id: string, body: string): Promise<number> => {
    const timestamp = String(Math.floor(clock.date().getTime() / 1_000));
    const proof = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${proof}`,
    };
    const resource = resources.find(({ path }) => path.endsWith(`/${kind}`));
    const request = new Request("http://x/", { method: "POST", headers, body });
    const answer = await resource?.methods.POST?.(request, {} as Call);
    return answer?.status ?? 0;
  };
  return { post, taken };
};

describe("a signed message", () => {
  const body = '{"path":"live/abc/in","sourceId":"1"}';

  test("that is sent again is answered again, and taken once", async () => {
    const { post, taken } = desk();
    expect([await post("ready", "m1", body), await post("ready", "m1", body)]).toEqual([202, 202]);
    expect(taken.length).toBe(1);
  });

  test("cannot be sent to the other place by somebody who has seen it", async () => {
    const { post, taken } = desk();
    expect([await post("ready", "m1", body), await post("not-ready", "m1", body)]).toEqual([202, 409]);
    expect(await post("not-ready", "m2", body)).toBe(202);
    expect(taken.map(({ kind }) => kind)).toEqual(["ready", "not-ready"]);
  });
});
