import { ConfigError, messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { clearDirectory } from "../hls/disk-shelf.ts";
import { Muxers } from "../hls/muxers.ts";
import { HlsSessions } from "../hls/sessions.ts";
import type { HlsSettings } from "../hls/settings.ts";
import type { HlsPort } from "../http/api/hls.ts";
import type { EntryLimits } from "../stream/entry-limits.ts";
import type { EventHub } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import { atKey } from "./at-key.ts";
import type { Configurable } from "./configurable.ts";
import type { RunConfig } from "./run-config.ts";

/** What {@link HlsPart} needs of the house around it. */
export interface HlsPartContext {
  readonly registry: Registry;
  readonly events: EventHub;
  readonly limits: EntryLimits | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** What is in force. */
  readonly config: () => RunConfig;
}

/** Live HLS as far as the configuration asks for it. Its pages have a port of their own. */
export class HlsPart implements Configurable {
  readonly name = "HLS";
  readonly muxers: Muxers;
  readonly sessions: HlsSessions;
  readonly #context: HlsPartContext;
  #directory = "";

  constructor(context: HlsPartContext) {
    this.#context = context;
    const { registry, events, limits, clock, log, config } = context;
    this.muxers = new Muxers({ settings: settingsOf(config()), clock, log });
    this.sessions = new HlsSessions({ registry, muxers: this.muxers, events, clock, limits });
  }

  /** What the control API shows of it; undefined where it is off. */
  get port(): HlsPort | undefined {
    if (!this.#context.config().server.hls) return undefined;
    const { sessions, muxers } = this;
    return {
      get muxers() {
        return muxers.list;
      },
      sessions,
      kick: (id) => sessions.kick(id),
    };
  }

  /** By what a CDN is known. */
  readonly cdnSecret = (): string => this.#context.config().server.hlsCDNSecret;

  /** @throws ConfigError for a directory that cannot be had */
  configure(config: RunConfig): void {
    const settings = settingsOf(config);
    if (settings.directory !== this.#directory && settings.directory !== "")
      clear(config, settings.directory);
    this.#directory = settings.directory;
    this.muxers.configure(settings, this.#context.registry.streams);
    if (config.server.hls) return;
    this.sessions.close("unconfigured");
    this.muxers.clear();
  }

  /** Nobody watches any more: the server stops. */
  end(): void {
    this.sessions.stop();
  }

  /** Lets go of everything. */
  close(): void {
    this.sessions.stop();
    this.muxers.close();
  }
}

const clear = (config: RunConfig, directory: string): void =>
  atKey(config, "hlsDirectory", () => {
    try {
      clearDirectory(directory);
    } catch (error) {
      throw new ConfigError(`${JSON.stringify(directory)} cannot be used: ${messageOf(error)}`, {
        cause: error,
      });
    }
  });

const settingsOf = ({ server }: RunConfig): HlsSettings => ({
  variant: server.hlsVariant,
  segmentMs: server.hlsSegmentDuration,
  partMs: server.hlsPartDuration,
  segmentCount: server.hlsSegmentCount,
  maxSegmentBytes: server.hlsSegmentMaxSize,
  directory: server.hls ? server.hlsDirectory : "",
  alwaysRemux: server.hls && server.hlsAlwaysRemux,
  closeAfterMs: server.hlsMuxerCloseAfter,
});
