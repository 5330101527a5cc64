import { describe, expect, test } from "bun:test";
import { TransportError } from "../../../src/base/errors.ts";
import { UdpPorts } from "../../../src/rtsp/io/udp-ports.ts";
import { until } from "../../record/studio.ts";

const local = { host: "127.0.0.1", port: 0 };

const peerOf = async (take: (data: Buffer) => void) =>
  await Bun.udpSocket({ hostname: "127.0.0.1", port: 0, socket: { data: (_socket, data) => take(data) } });

describe("the ports of UDP", () => {
  for (const host of ["127.0.0.1", ""])
    test(`at ${JSON.stringify(host)} give what comes to who expects it from there, and send back`, async () => {
      const ports = new UdpPorts({ rtp: { host, port: 0 }, rtcp: { host, port: 0 } });
      const got: string[] = [];
      const back: string[] = [];
      const known = await peerOf((data) => back.push(data.toString()));
      const stranger = await peerOf(() => undefined);
      const address = { host: "127.0.0.1", port: known.port };
      const cancel = ports.listen("rtp", address, (bytes) =>
        got.push(`rtp ${Buffer.from(bytes).toString()}`),
      );
      ports.listen("rtcp", address, (bytes) => got.push(`rtcp ${Buffer.from(bytes).toString()}`));
      expect(ports.listen("rtp", address, () => undefined)).toBeUndefined();
      stranger.send("who?", ports.port("rtp"), "127.0.0.1");
      known.send("media", ports.port("rtp"), "127.0.0.1");
      known.send("report", ports.port("rtcp"), "127.0.0.1");
      await until(() => got.length === 2, "both came");
      expect(got.sort()).toEqual(["rtcp report", "rtp media"]);
      expect(ports.send("rtp", address, [Buffer.from("a"), Buffer.from("b")])).toBe(2);
      await until(() => back.length === 2, "both came back");
      cancel?.();
      known.send("late", ports.port("rtp"), "127.0.0.1");
      known.send("report", ports.port("rtcp"), "127.0.0.1");
      await until(() => got.length === 3, "the last came");
      expect(got.at(-1)).toBe("rtcp report");
      ports.close();
      expect(ports.send("rtp", address, [Buffer.from("c")])).toBe(1);
      known.close();
      stranger.close();
    });

  test("that cannot be had are told, and the first of two is given back", () => {
    const taken = new UdpPorts({ rtp: local, rtcp: local });
    const rtcp = { ...local, port: taken.port("rtcp") };
    let other = 0;
    try {
      const probe = new UdpPorts({ rtp: local, rtcp: local });
      other = probe.port("rtp");
      probe.close();
      expect(() => new UdpPorts({ rtp: { ...local, port: other }, rtcp })).toThrow(TransportError);
      new UdpPorts({ rtp: { ...local, port: other }, rtcp: local }).close();
    } finally {
      taken.close();
    }
  });
});
