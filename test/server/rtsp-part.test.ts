import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { Certificates } from "../../src/server/certificates.ts";
import { RtspPart } from "../../src/server/rtsp-part.ts";
import type { RtspPorts, RtspWishes } from "../../src/server/rtsp-ports.ts";
import type { RunConfig } from "../../src/server/run-config.ts";
import { KeptLog } from "../base/kept-log.ts";

const configOf = (...args: string[]): RunConfig => readConfig(readServerFlags(args), { environment: {} });

/** Ports of which some are taken by somebody else. */
class Quay implements Pick<RtspPorts, "apply"> {
  readonly taken: (keyof RtspWishes)[];
  open: readonly string[] = [];

  constructor(...taken: (keyof RtspWishes)[]) {
    this.taken = taken;
  }

  apply(wishes: RtspWishes): void {
    const wished = (["rtsp", "rtsps", "udp"] as const).filter((each) => wishes[each]);
    const busy = wished.find((each) => this.taken.includes(each));
    if (busy) throw new TransportError("LISTEN", `cannot listen for ${busy}`);
    this.open = wished;
  }
}

const partOf = (quay: Quay): { part: RtspPart; log: KeptLog } => {
  const log = new KeptLog();
  return { part: new RtspPart({ ports: quay, certificates: new Certificates(), log }), log };
};

describe("RTSP that nobody asked for", () => {
  test("is on, with UDP", () => {
    const quay = new Quay();
    const { part, log } = partOf(quay);
    part.configure(configOf());
    expect(quay.open).toEqual(["rtsp", "udp"]);
    expect(log.lines).toEqual([]);
  });

  test("goes without UDP where those ports are taken, and says so once", () => {
    const quay = new Quay("udp");
    const { part, log } = partOf(quay);
    part.configure(configOf());
    part.configure(configOf());
    expect(quay.open).toEqual(["rtsp"]);
    expect(log.messages()).toEqual([
      "RTSP goes without UDP: cannot listen for udp; rtpAddress and rtcpAddress choose other ports",
    ]);
    quay.taken.pop();
    part.configure(configOf());
    expect(quay.open).toEqual(["rtsp", "udp"]);
  });

  test("is off where its port is taken, and says so once", () => {
    const quay = new Quay("rtsp");
    const { part, log } = partOf(quay);
    part.configure(configOf());
    part.configure(configOf());
    expect(quay.open).toEqual([]);
    expect(log.messages("warn")).toEqual([
      "rtsp is off: cannot listen for rtsp; rtspAddress chooses another address, rtsp: no says not to try",
    ]);
  });
});

for (const flags of [["--rtsp"], ["--rtsp-address", ":8554"], ["--rtp-address", ":8000"]])
  test(`RTSP that was asked for with ${flags.join(" ")} has to have its ports`, () => {
    const quay = new Quay("udp");
    const { part } = partOf(quay);
    expect(() => part.configure(configOf(...flags))).toThrow("cannot listen for udp");
  });

test("RTSP that is off has none", () => {
  const quay = new Quay("rtsp", "udp");
  const { part, log } = partOf(quay);
  part.configure(configOf("--rtsp=false"));
  expect([quay.open, log.lines]).toEqual([[], []]);
});
