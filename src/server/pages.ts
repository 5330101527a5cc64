import { messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { type HttpAddress, parseHttpAddress } from "../http/address.ts";
import { controlApiBodyBytes, controlApiCors, pagesCors } from "../http/api/control-api.ts";
import type { HttpTls } from "../http/listening.ts";
import type { Resource } from "../http/resource.ts";
import { HttpServer, type Served } from "../http/server.ts";
import type { Access } from "../stream/admission.ts";
import type { Certificates } from "./certificates.ts";
import { ChosenPort } from "./chosen-port.ts";
import type { Configurable } from "./configurable.ts";
import type { RunConfig } from "./run-config.ts";

/**
 * Pages that have a switch and an address of their own. What it is called to be allowed to see them is the same word, save for those of `hls`:
 * who may watch depends on the stream.
 */
export type PagesName = "api" | "metrics" | "pprof" | "playback" | "hls";

/** What {@link Pages} are made of. */
export interface PagesOptions {
  readonly name: PagesName;
  /** What they are, asked again whenever the configuration changes. */
  readonly resources: () => readonly Resource[];
  readonly access: Access;
  readonly certificates: Certificates;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A request under way may take so long when its server is closed, in milliseconds. */
const stopMs = 500;

/** What a server is opened for. */
interface Place {
  readonly address: HttpAddress;
  readonly tls: HttpTls | undefined;
}

/**
 * The server of one kind of pages, while the configuration wants it. It moves to another address when that is another, and takes another
 * certificate, without a request being lost that is under way.
 */
export class Pages implements Configurable {
  readonly #options: PagesOptions;
  readonly #chosen = new ChosenPort();
  #open: { readonly server: HttpServer; readonly place: Place } | undefined;
  /** Said once, not with every change. */
  #isMissing = false;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  get name(): string {
    return `${this.#options.name} pages`;
  }

  /** The port that they are served at; undefined where they are off. */
  get port(): number | undefined {
    return this.#open?.server.port;
  }

  /** @throws TransportError LISTEN naming the key where an address cannot be had that somebody asked for; ConfigError for a certificate */
  configure(config: RunConfig): void {
    const place = this.#placeIn(config);
    const open = this.#open;
    if (!place) {
      this.#close();
      return;
    }
    if (open && Bun.deepEquals(open.place.address, place.address) && !open.place.tls === !place.tls) {
      if (place.tls && !Bun.deepEquals(open.place.tls, place.tls)) open.server.renew(place.tls);
      open.server.use(this.#servedIn(config));
      this.#open = { server: open.server, place };
      return;
    }
    this.#move(config, place);
  }

  /** Closes them; requests under way have a moment. */
  async stop(): Promise<void> {
    await this.#open?.server.stop(stopMs);
    this.#open = undefined;
  }

  #close(): void {
    void this.#open?.server.stop(stopMs);
    this.#open = undefined;
  }

  /** The new server comes before the old one goes, so that there is always one; unless both want the same port, on other interfaces, say. */
  #move(config: RunConfig, place: Place): void {
    const before = this.#open;
    if (before && areInConflict(before, place)) {
      this.#replace(config, place);
      return;
    }
    const server = this.#listen(config, place);
    this.#close();
    this.#open = server && { server, place };
  }

  #replace(config: RunConfig, place: Place): void {
    const before = this.#open;
    this.#close();
    try {
      const server = this.#listen(config, place);
      this.#open = server && { server, place };
    } catch (error) {
      if (before) this.#open = { place: before.place, server: this.#serve(config, before.place) };
      throw error;
    }
  }

  /** An address that is only the default and cannot be had is a warning, and there are no pages. */
  #listen(config: RunConfig, place: Place): HttpServer | undefined {
    const { name, log } = this.#options;
    const key = `${name}Address` as const;
    try {
      return this.#serve(config, place);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const asked = [key, name].find((each) => config.asked.has(each));
      if (asked !== undefined)
        throw new TransportError("LISTEN", config.faultAt([asked], error.message), { cause: error });
      if (!this.#isMissing)
        log.warn(
          `${name} is off: ${messageOf(error)}; ${key} chooses another address, ${name}: no says not to try`,
        );
      this.#isMissing = true;
      return undefined;
    }
  }

  #serve(config: RunConfig, { address, tls }: Place): HttpServer {
    const { name, access, clock, log } = this.#options;
    const open = (at: HttpAddress): HttpServer =>
      new HttpServer({
        address: at,
        tls,
        access: { access, action: name === "hls" ? undefined : name },
        ...(name === "api" ? { maxBodyBytes: controlApiBodyBytes } : {}),
        ...this.#servedIn(config),
        clock,
        log,
      });
    return "unix" in address ? open(address) : this.#chosen.open(address, open);
  }

  #servedIn({ server, asked }: RunConfig): Served {
    const { name, resources } = this.#options;
    // What is on though nobody asked for it is for programs of this machine: a page that is open in a browser here is none. Streams are for all.
    const isForPages =
      name === "hls" || [name, `${name}Address`, `${name}AllowOrigins`].some((key) => asked.has(key));
    const cors = name === "api" ? controlApiCors : pagesCors;
    return {
      resources: resources(),
      cors: { origins: isForPages ? server[`${name}AllowOrigins`] : [], ...cors },
      trustedProxies: server[`${name}TrustedProxies`],
    };
  }

  #placeIn(config: RunConfig): Place | undefined {
    const { server } = config;
    const { name, certificates } = this.#options;
    if (!server[name]) return undefined;
    return {
      address: parseHttpAddress(server[`${name}Address`]),
      tls: server[`${name}Encryption`] ? certificates.of(config, name) : undefined,
    };
  }
}

/** Whether a server has to go before another one can be where it is to be. */
const areInConflict = (
  { server, place: { address } }: { server: HttpServer; place: Place },
  { address: next }: Place,
): boolean => {
  if ("unix" in address || "unix" in next) return Bun.deepEquals(address, next);
  return server.port === next.port;
};
