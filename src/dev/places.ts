/** The address in a line of the log. */
interface Told {
  readonly msg?: unknown;
  readonly addr?: unknown;
}

/** Lines that say where something listens, by their messages. */
const kinds = {
  "RTMP server listening": "rtmp",
  RTSP: "rtsp",
  "control API": "api",
  "metrics and health pages": "metrics",
  "playback of recordings": "playback",
  "orchestrator started": "orchestrator",
} as const;

type Kind = (typeof kinds)[keyof typeof kinds];

const toldIn = (line: string): Told => {
  try {
    const told: unknown = JSON.parse(line);
    return typeof told === "object" && told !== null ? told : {};
  } catch {
    return {};
  }
};

/** A program of this machine reaches every address that stands for all of its interfaces as `localhost`. */
const reachable = (address: string): string =>
  address.replace(/^(?:\[::\]|0\.0\.0\.0)?(?=:\d+$)/, "localhost");

/** Where what runs can be reached, as far as the log has said so. */
export class Places {
  readonly #addresses = new Map<Kind, string>();

  /** Looks at a line of the log. Gives its message; empty where it has none. */
  learn(line: string): string {
    const { msg, addr } = toldIn(line);
    if (typeof msg !== "string") return "";
    if (typeof addr === "string" && Object.hasOwn(kinds, msg))
      this.#addresses.set(kinds[msg as keyof typeof kinds], reachable(addr));
    return msg;
  }

  /** A table for people, a line each. */
  get lines(): readonly string[] {
    const url = (kind: Kind, scheme: string, path: string): string[] => {
      const address = this.#addresses.get(kind);
      return address === undefined ? [] : [`${scheme}://${address}${path}`];
    };
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ["publish", url("rtmp", "rtmp", "/live/test-stream/in")],
      [
        "play",
        [...url("rtmp", "rtmp", "/live/test-stream/out"), ...url("rtsp", "rtsp", "/live/test-stream/out")],
      ],
      ["dashboard", url("api", "http", "/")],
      ["control API", url("api", "http", "/v3/paths/list")],
      ["metrics", url("metrics", "http", "/metrics")],
      ["playback", url("playback", "http", "/list?path=live/test-stream/out")],
      ["orchestrator", url("orchestrator", "http", "/")],
    ];
    return rows
      .filter(([, urls]) => urls.length > 0)
      .map(([what, urls]) => `  ${what.padEnd(14)}${urls.join("  ")}`);
  }
}
