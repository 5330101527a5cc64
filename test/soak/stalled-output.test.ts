import { expect, test } from "bun:test";
import { ConnectionChurn } from "../bench/event-load.ts";
import { FfmpegPlayer, publish } from "../e2e/harness/ffmpeg.ts";
import { clip } from "../e2e/harness/media.ts";
import { accepts } from "../e2e/harness/nginx.ts";
import { freePort } from "../e2e/harness/port.ts";
import { onlyRtmp, serverCommand } from "../e2e/harness/server.ts";

test("standard output that nobody reads for 60 s holds up neither media nor the end", async () => {
  const port = freePort();
  const command = [
    ...serverCommand,
    "--listen",
    `127.0.0.1:${port}`,
    "--hook-stdio-format",
    "json",
    ...onlyRtmp,
  ];
  const server = Bun.spawn([...command, "--log-format", "json"], { stdout: "pipe", stderr: "pipe" });
  try {
    for (let tries = 0; tries < 100 && !(await accepts(port)); tries++) await Bun.sleep(50);
    const url = `rtmp://127.0.0.1:${port}/live/stalled`;
    await using publisher = publish(await clip(), url, { loops: true });
    await using player = new FfmpegPlayer(url, ["-t", "60"]);
    using _churn = new ConnectionChurn({ port, eventsPerSecond: 1_000 });
    const packets = await player.packets(90_000);
    // Pictures and sound of a minute, without a gap that the player would have noticed.
    expect(packets.length).toBeGreaterThan(4_000);
    publisher.kill("SIGTERM");
  } finally {
    server.kill("SIGTERM");
  }
  expect(await server.exited).toBe(0);
  const log = await new Response(server.stderr).text();
  expect(log).not.toContain("defect of the server");
}, 150_000);
