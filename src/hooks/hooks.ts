import { existsSync, readFileSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { parseStreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { FileWatch } from "../config/file-watch.ts";
import type { DirectoryLock } from "../sqlite/directory-lock.ts";
import type { EventHub } from "../stream/event.ts";
import { DeliveryLink, type DeliveryPort, type PortListener } from "./delivery-link.ts";
import { HookDispatcher } from "./dispatcher.ts";
import type { Envelope } from "./event/envelope.ts";
import { Translator } from "./event/translator.ts";
import type { DeliveryPulse, FromDelivery, StoreSettings } from "./messages.ts";
import type { HookFlags } from "./settings/hook-flags.ts";
import { type LoadedHookFile, loadHookFile, parseHookFile } from "./settings/load-hook-file.ts";
import { readHookSettings } from "./settings/read-settings.ts";
import type { HookSettings } from "./settings/settings.ts";
import { takeOwnership } from "./store/owner-lock.ts";
import type { OpenSession } from "./store/session-journal.ts";

/** What the operator asks for. */
export interface HookRequest {
  readonly flags: HookFlags;
  /** The hooks file. */
  readonly file: string | undefined;
  /** What the server's configuration file says about hooks, instead of a hooks file; it may say something later, see {@link Hooks.configure}. */
  readonly document?: LoadedHookFile | undefined;
  /** Where events are kept for durable hooks. */
  readonly store: StoreSettings;
  readonly envelope: Envelope;
  readonly isDebug: boolean;
}

/** What hooks need of the house around them. */
export interface HookContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventHub;
  readonly version: string;
  /** Starts the thread that delivers. */
  readonly start: (listener: PortListener) => DeliveryPort;
  /** Hears once a second how delivery does. */
  readonly pulse?: (pulse: DeliveryPulse) => void;
}

/** What happens right after the start waits so long for what the last process left: the store may be large, or its disk slow. */
const maxHoldMs = 1_000;

/** What became of the hooks file since the start. */
export interface HookReloads {
  readonly done: number;
  readonly rejected: number;
  /** Unix time in milliseconds of the configuration in force. */
  readonly lastAt: number;
}

const noPublish = { durationMs: 0, bytesReceived: 0, audioPackets: 0, videoPackets: 0 };

/**
 * Everything about hooks, as one thing: reads what the operator asks for, again when the file changes, and ties events, the thread that
 * delivers, and its news together.
 */
export class Hooks {
  /** Takes what happens. */
  readonly dispatcher: HookDispatcher;
  readonly #request: HookRequest;
  readonly #context: HookContext;
  readonly #watch: FileWatch | undefined;
  readonly #configured = new Set<(settings: HookSettings) => void>();
  #lock: DirectoryLock | undefined;
  #reloads: HookReloads;
  #isRecovered = false;
  #cancelHold: Cancel | undefined;

  private constructor(
    request: HookRequest,
    context: HookContext,
    { settings, text }: { settings: HookSettings; text: string | undefined },
  ) {
    this.#request = request;
    this.#context = context;
    this.#reloads = { done: 0, rejected: 0, lastAt: context.clock.date().getTime() };
    const { clock, log } = context;
    this.#secureStore(settings);
    for (const warning of settings.warnings) log.warn(warning);
    const { file } = request;
    this.dispatcher = new HookDispatcher({
      settings,
      translator: new Translator({ clock, serverId: `srv_${Bun.randomUUIDv7()}` }),
      envelope: request.envelope,
      openLink: (wanted) => this.#openLink(wanted),
      storeFor: (wanted) => this.#storeFor(wanted),
      isDebug: request.isDebug,
      clock,
      log,
    });
    this.#holdUntilOpen(settings);
    if (file !== undefined)
      this.#watch = new FileWatch({
        path: file,
        ...(text === undefined ? {} : { text }),
        onChange: (changed) => this.#changed(file, changed),
        onError: (error) => this.#rejected(file, error),
        clock,
      });
  }

  /**
   * Makes the hooks that were asked for; undefined where there are none, and then nothing of them exists.
   * @throws ConfigError for an event, a script, a URL, a file or a directory that cannot be used
   */
  static open(request: HookRequest, context: HookContext): Hooks | undefined {
    const { file } = request;
    // Read before, not after: a change in between is found by the watch.
    const text = file === undefined || !existsSync(file) ? undefined : readFileSync(file, "utf8");
    const loaded = file === undefined ? request.document : loadHookFile(file);
    const settings = readHookSettings(request.flags, loaded);
    const isNeeded = loaded !== undefined || settings.hooks.length > 0 || settings.stdio !== undefined;
    return isNeeded ? new Hooks(request, context, { settings, text }) : undefined;
  }

  /** What is in force. */
  get settings(): HookSettings {
    return this.dispatcher.settings;
  }

  /** How often the file was read again, and when that last worked. */
  get reloads(): HookReloads {
    return this.#reloads;
  }

  /** Whether there is a file to read again. */
  get hasFile(): boolean {
    return this.#watch !== undefined;
  }

  /** Calls `listener` whenever other settings come into force. */
  onConfigured(listener: (settings: HookSettings) => void): void {
    this.#configured.add(listener);
  }

  /** Reads the file again, now. A bad one is reported, and changes nothing. */
  async reload(): Promise<void> {
    await this.#watch?.check();
  }

  /** What the server's configuration file says about hooks now. @throws ConfigError, and then nothing has changed */
  configure(document: LoadedHookFile): void {
    this.#use(document);
  }

  /** Delivers what is left, at most for `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#watch?.close();
    this.#cancelHold?.();
    await this.dispatcher.close(timeoutMs);
    this.#lock?.release();
  }

  #openLink(settings: HookSettings): DeliveryLink {
    const { start, clock, log } = this.#context;
    return new DeliveryLink({
      start,
      settings,
      store: this.#storeFor(settings),
      isDebug: this.#request.isDebug,
      clock,
      log,
      hear: (message) => this.#hear(message),
    });
  }

  #storeFor(settings: HookSettings): StoreSettings | undefined {
    return isDurable(settings) ? this.#request.store : undefined;
  }

  /** The first durable hook takes the right to the directory; it is kept from then on. @throws ConfigError */
  #secureStore(settings: HookSettings): void {
    if (isDurable(settings)) this.#lock ??= takeOwnership(this.#request.store.directory);
  }

  #changed(file: string, text: string): void {
    const before = this.settings;
    try {
      this.#use(parseHookFile(text, { name: file, environment: process.env }));
    } catch (error) {
      if (!(error instanceof ConfigError))
        this.#context.log.error("hooks file could not be used, this is a defect of the server", {
          file,
          error: messageOf(error),
          stack: error instanceof Error ? error.stack : undefined,
        });
      this.#rejected(file, error);
      return;
    }
    this.#reloads = {
      ...this.#reloads,
      done: this.#reloads.done + 1,
      lastAt: this.#context.clock.date().getTime(),
    };
    const changes = changesBetween(before, this.settings);
    this.#context.events.emit({ kind: "configReloaded", file, changes });
  }

  #use(loaded: LoadedHookFile): void {
    const settings = readHookSettings(this.#request.flags, loaded);
    this.#secureStore(settings);
    for (const warning of settings.warnings) this.#context.log.warn(warning);
    this.dispatcher.configure(settings);
    for (const listener of this.#configured) listener(settings);
  }

  #rejected(file: string, error: unknown): void {
    this.#reloads = { ...this.#reloads, rejected: this.#reloads.rejected + 1 };
    this.#context.events.emit({ kind: "configRejected", file, reason: messageOf(error) });
  }

  /** The end of a publish that a crash cut comes before anything new, as long as that is found out soon. */
  #holdUntilOpen(settings: HookSettings): void {
    if (!isDurable(settings)) return;
    this.dispatcher.hold();
    this.#cancelHold = this.#context.clock.after(maxHoldMs, () => this.dispatcher.release());
  }

  #hear(message: Extract<FromDelivery, { kind: "opened" | "notice" | "store" | "pulse" }>): void {
    const { events, log, pulse } = this.#context;
    switch (message.kind) {
      case "opened":
        this.#opened(message);
        return;
      case "notice":
        events.emit(message.notice);
        return;
      case "pulse":
        pulse?.(message.pulse);
        return;
      case "store": {
        const { isWritable, reason } = message;
        // A store that cannot be opened has nothing to tell.
        if (!isWritable) this.dispatcher.release();
        const { directory } = this.#request.store;
        if (isWritable) log.info("hook store works again", { directory });
        else log.error("hook store fails, events are kept in memory only", { directory, error: reason });
        events.emit({
          kind: "resourceAlert",
          resource: "hook_store",
          directory,
          value: isWritable ? 0 : 100,
          threshold: 100,
          unit: "percent",
          state: isWritable ? "cleared" : "raised",
          severity: isWritable ? "info" : "critical",
        });
      }
    }
  }

  /** The store is open. A thread that is started anew finds the publishes of today open. */
  #opened(message: Extract<FromDelivery, { kind: "opened" }>): void {
    this.#cancelHold?.();
    const isFirst = !this.#isRecovered;
    this.#isRecovered = true;
    this.dispatcher.release(() => {
      if (isFirst) this.#recover(message);
    });
  }

  /** Makes up for the ends that a crash has kept from being told. */
  #recover({ openSessions, isRecovery, pending }: Extract<FromDelivery, { kind: "opened" }>): void {
    const { events, version, log } = this.#context;
    for (const session of openSessions) {
      try {
        this.#recoverSession(session);
      } catch (error) {
        const fields = { session_id: session.sessionId, error: messageOf(error) };
        log.error("the end of a publish that was cut cannot be told, its note is damaged", fields);
      }
    }
    if (isRecovery)
      events.emit({
        kind: "serverRecovered",
        version,
        sessionsRecovered: openSessions.length,
        deliveriesPending: pending,
      });
  }

  #recoverSession({ sessionId, streamKey, startedAt, body, ...progress }: OpenSession): void {
    const start = readStart(body);
    this.#context.events.emit({
      kind: "publishRecovered",
      ...noPublish,
      ...progress,
      path: parseStreamPath(streamKey),
      connId: start.connId,
      ...(start.clientIp === undefined ? {} : { remote: `${start.clientIp}:0` }),
      sessionId,
      // Made of the session's, so that a second crash makes the same event again.
      eventId: `evt_${sessionId.replace(/^ses_/, "")}`,
      publishedAt: startedAt,
    });
  }
}

/** How many hooks came, went or became different, standard output among them. */
const changesBetween = (before: HookSettings, after: HookSettings): number => {
  const textsOf = ({ hooks, stdio }: HookSettings): Map<string, string> =>
    new Map([
      ...hooks.map((hook) => [hook.id, JSON.stringify(hook)] as const),
      ["", JSON.stringify(stdio ?? null)],
    ]);
  const [old, now] = [textsOf(before), textsOf(after)];
  const ids = new Set([...old.keys(), ...now.keys()]);
  return [...ids].filter((id) => old.get(id) !== now.get(id)).length;
};

const isDurable = ({ hooks }: HookSettings): boolean =>
  hooks.some(({ isEnabled, policy }) => isEnabled && policy.guarantee === "at-least-once");

/** Who published, as far as the event of its start says. */
const readStart = (body: string): { connId: string; clientIp: string | undefined } => {
  const event: unknown = JSON.parse(body);
  const { conn_id, data } = event as { conn_id?: unknown; data?: { client_ip?: unknown } };
  const clientIp = data?.client_ip;
  return {
    connId: typeof conn_id === "string" ? conn_id : "",
    clientIp: typeof clientIp === "string" ? clientIp : undefined,
  };
};
