import type { DomainEvent, Peer } from "../stream/event.ts";
import { type PathCommandName, type PathLookup, type PathTaskDetails, pathTask } from "./path-task.ts";
import { begin, type End, type Starter } from "./task.ts";
import { readerVariables, segmentVariables, sourceVariables, type Variables } from "./variables.ts";

/** Somebody who feeds or reads a stream. */
interface Party {
  readonly path: string;
  readonly peer: Peer;
  readonly query: string;
}

/**
 * The commands of streams that are fed, read and recorded. Each pair of an opening and a closing command is what the configuration
 * said when it began.
 *
 *   streamAvailable    runOnAvailable, then runOnOnline
 *   streamUnavailable  runOnOnline stopped, runOnOffline, then runOnAvailable stopped, runOnUnavailable
 *   playStarted        runOnRead
 *   playStopped        runOnRead stopped, runOnUnread
 *
 * A publisher is online from the moment its tracks are known, as with MediaMTX: one that never shows any is not.
 */
export class PathCommands {
  readonly #starter: Starter;
  readonly #lookup: PathLookup;
  /** Streams that are available, by path: what ends first comes first. */
  readonly #available = new Map<string, readonly End[]>();
  /** Readers, by connection and path. */
  readonly #readers = new Map<string, End>();

  constructor({ starter, lookup }: { starter: Starter; lookup: PathLookup }) {
    this.#starter = starter;
    this.#lookup = lookup;
  }

  /** Takes what happens. Where a path has no commands, it costs looking that up. */
  take(event: DomainEvent): void {
    switch (event.kind) {
      case "streamAvailable":
        this.#beginStream(event);
        break;
      case "streamUnavailable":
        this.#endStream(event.path);
        break;
      case "playStarted":
        this.#beginReader(event);
        break;
      case "playStopped":
        this.#endReader(readerKey(event));
        break;
      case "recordingStarted":
        this.#launch("runOnRecordSegmentCreate", event.path, segmentVariables(event.file));
        break;
      case "recordingCompleted": {
        const { file, durationMs } = event;
        this.#launch("runOnRecordSegmentComplete", event.path, segmentVariables(file, durationMs));
      }
    }
  }

  /** Everything ends. */
  close(): void {
    for (const key of [...this.#readers.keys()]) this.#endReader(key);
    for (const path of [...this.#available.keys()]) this.#endStream(path);
  }

  #beginStream({ path, peer, query }: Party): void {
    this.#endStream(path);
    const details = { query, variables: sourceVariables(peer) };
    const available = this.#begin(["runOnAvailable", "runOnUnavailable"], path, details);
    const online = this.#begin(["runOnOnline", "runOnOffline"], path, details);
    const ends = [online, available].filter((end) => end !== undefined);
    if (ends.length > 0) this.#available.set(path, ends);
  }

  #endStream(path: string): void {
    const ends = this.#available.get(path) ?? [];
    this.#available.delete(path);
    for (const end of ends) end();
  }

  #beginReader(party: Party): void {
    const { path, peer, query } = party;
    const key = readerKey(party);
    this.#endReader(key);
    const end = this.#begin(["runOnRead", "runOnUnread"], path, { query, variables: readerVariables(peer) });
    if (end) this.#readers.set(key, end);
  }

  #endReader(key: string): void {
    const end = this.#readers.get(key);
    this.#readers.delete(key);
    end?.();
  }

  #begin(
    [opening, closing]: readonly [PathCommandName, PathCommandName],
    path: string,
    details: PathTaskDetails,
  ): End | undefined {
    const found = this.#lookup.find(path);
    if (!found || (found.conf[opening] === "" && found.conf[closing] === "")) return undefined;
    const about = { path, found, rtspAddress: this.#lookup.config().rtspAddress, ...details };
    return begin(this.#starter, pathTask(opening, about), pathTask(closing, about));
  }

  #launch(name: PathCommandName, path: string, variables: Variables): void {
    const found = this.#lookup.find(path);
    if (!found || found.conf[name] === "") return;
    const { rtspAddress } = this.#lookup.config();
    this.#starter.launch(pathTask(name, { path, found, rtspAddress, variables }));
  }
}

const readerKey = ({ path, peer }: Pick<Party, "path" | "peer">): string => `${peer.connId} ${path}`;
