import { describe, expect } from "bun:test";
import { Certificate } from "./harness/certificate.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "openssl");

const startTls = async (certificate: Certificate): Promise<{ server: Server; at: string }> => {
  const server = await Server.start({ flags: ["--tls-listen", "127.0.0.1:0", ...certificate.flags] });
  const { tls_addr } = await server.line({ msg: "RTMPS enabled" });
  return { server, at: `rtmps://${tls_addr}` };
};

describe("RTMPS", () => {
  test("FFmpeg publishes and plays over it, byte for byte, and plain RTMP serves the same stream", async () => {
    const file = await shortClip();
    const source = await packetsOf(file);
    using certificate = await Certificate.make();
    const { server, at } = await startTls(certificate);
    await using _server = server;
    await using secret = new FfmpegPlayer(`${at}/live/safe`);
    await using plain = new FfmpegPlayer(server.url("live/safe"));
    for (const nth of [1, 2]) await server.line({ msg: "Connection accepted" }, { nth });
    await using publisher = publish(file, `${at}/live/safe`);
    await publisher.success();
    for (const player of [secret, plain])
      expect(compare(await player.packets(), source)).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    expect(server.matching({ msg: "Connection opened", tls: true }).length).toBe(2);
  });

  test("a relay destination whose certificate nobody trusts is refused, and the log says why", async () => {
    using certificate = await Certificate.make();
    const { server, at } = await startTls(certificate);
    await using _server = server;
    await using origin = await Server.start({ flags: ["--relay-to", `${at}/live`] });
    await using publisher = publish(await shortClip(), origin.url("live/safe"));
    const { level, error } = await origin.line({ msg: "Failed to connect to destination" });
    expect(level).toBe("WARN");
    expect(String(error)).toMatch(/^TLS: .*certificate/);
    await publisher.success();
    expect(server.matching({ msg: "publish started" })).toEqual([]);
  });

  test("a relay destination whose certificate is trusted is served", async () => {
    const file = await shortClip();
    using certificate = await Certificate.make();
    const { server, at } = await startTls(certificate);
    await using _server = server;
    await using origin = await Server.start({
      flags: ["--relay-to", `${at}/live`],
      env: { NODE_EXTRA_CA_CERTS: certificate.cert },
    });
    await using player = new FfmpegPlayer(server.url("live/safe"));
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, origin.url("live/safe"));
    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file))).toEqual({
      ...{ firstVideo: 0, firstAudio: 0, faults: [] },
    });
  });

  test("plain RTMP at the TLS port, and TLS at the plain port, harm nobody", async () => {
    const file = await shortClip();
    using certificate = await Certificate.make();
    const { server, at } = await startTls(certificate);
    await using _server = server;
    await using wrong = new FfmpegPlayer(`${at.replace("rtmps:", "rtmp:")}/live/safe`);
    await using wrongToo = new FfmpegPlayer(`rtmps://127.0.0.1:${server.port}/live/safe`);
    await using player = new FfmpegPlayer(`${at}/live/safe`);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, server.url("live/safe"));
    await publisher.success();
    expect((await player.packets()).length).toBeGreaterThan(100);
    await expect(wrong.packets(15_000)).rejects.toThrow(/exit code/);
    await expect(wrongToo.packets(15_000)).rejects.toThrow(/exit code/);
  });
});
