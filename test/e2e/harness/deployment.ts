import { chmodSync, existsSync, readFileSync } from "node:fs";
import type { TempDirectory } from "./directory.ts";
import { Program } from "./program.ts";
import { Server } from "./server.ts";

/** A file of a MediaMTX that was in use: only its ports and the path of its command are others. */
export const template = (hook: string): string => `
logLevel: info
logDestinations: [stdout]

rtmp: yes
rtmpAddress: :0

rtsp: yes
# keep TCP enabled for GStreamer (default includes tcp already)
# rtspTransports: [tcp]
rtspAddress: :0
rtpAddress: :0
rtcpAddress: :0

api: yes
apiAddress: :0

metrics: yes
metricsAddress: :0

playback: yes
playbackAddress: :0

# pprof: yes
# pprofAddress: :9999

pathDefaults:
  source: publisher
  runOnReady: ${hook} ready
  runOnNotReady: ${hook} not-ready

  record: no
  recordPath: ./recordings/%path/%Y-%m-%d_%H-%M-%S-%f
  recordFormat: fmp4
  recordPartDuration: 1s
  recordMaxPartSize: 50M
  recordSegmentDuration: 1h
  recordDeleteAfter: 1d

paths: {}
`;

/** What a command of the file was told, one line for each run. */
export class CommandRuns {
  readonly script: string;
  readonly #output: string;

  constructor(directory: TempDirectory) {
    this.script = directory.file("mtx-hook");
    this.#output = directory.file("runs");
  }

  async write(): Promise<void> {
    const told = "$1|$MTX_PATH|$MTX_QUERY|$MTX_SOURCE_TYPE|$MTX_SOURCE_ID|$RTSP_PATH";
    await Bun.write(this.script, `#!/bin/sh\necho "${told}" >> '${this.#output}'\n`);
    chmodSync(this.script, 0o755);
  }

  get lines(): readonly string[] {
    return existsSync(this.#output) ? readFileSync(this.#output, "utf8").trimEnd().split("\n") : [];
  }
}

/** A server that runs from the file, and where its pages are. */
export const deploy = async (
  directory: TempDirectory,
  flags: readonly string[] = [],
): Promise<{ server: Server; api: string; metrics: string; runs: CommandRuns }> => {
  const runs = new CommandRuns(directory);
  await runs.write();
  const file = directory.file("mediamtx.yml");
  await Bun.write(file, template(runs.script));
  const server = await Server.start({ flags: [file, "--api", "--metrics", "--rtsp", ...flags] });
  return {
    server,
    runs,
    api: `${await server.pages("control API")}/v3`,
    metrics: `${await server.pages("metrics and health pages")}/metrics`,
  };
};

export const stream = "live/test-stream/in";

/** A pipeline of GStreamer, over several lines. */
export const launch = (pipeline: string): Program =>
  new Program(["gst-launch-1.0", "-q", ...pipeline.trim().split(/\s+/)]);

/** The encoder that the deployment names, or where it is not installed another one. */
export const aacEncoder = (): string =>
  Bun.spawnSync(["gst-inspect-1.0", "--exists", "voaacenc"]).exitCode === 0 ? "voaacenc" : "avenc_aac";

/** The encoder of the deployment, with its own words. */
export const encoder = (url: string): Program =>
  new Program([
    ..."ffmpeg -nostdin -v error -re -f lavfi -i testsrc=size=1280x720:rate=30".split(" "),
    ..."-f lavfi -i sine=frequency=440:sample_rate=44100".split(" "),
    ..."-c:v libx264 -preset veryfast -tune zerolatency -c:a aac -ar 44100 -f flv".split(" "),
    url,
  ]);
