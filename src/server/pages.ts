import { messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { type HttpAddress, parseHttpAddress } from "../http/address.ts";
import { controlApiBodyBytes, controlApiCors, pagesCors } from "../http/api/control-api.ts";
import type { HttpTls } from "../http/listening.ts";
import type { Resource } from "../http/resource.ts";
import { HttpServer, type Served } from "../http/server.ts";
import type { Access } from "../stream/admission.ts";
import { readCertificate } from "./certificate.ts";
import { ChosenPort } from "./chosen-port.ts";
import type { Configurable } from "./configurable.ts";
import type { RunConfig } from "./run-config.ts";

/** Pages that have a switch and an address of their own; what it is called to be allowed to see them is the same word. */
export type PagesName = "api" | "metrics" | "pprof";

/** What {@link Pages} are made of. */
export interface PagesOptions {
  readonly name: PagesName;
  /** What they are, asked again whenever the configuration changes. */
  readonly resources: () => readonly Resource[];
  readonly access: Access;
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

  /** Leaves the address of before where it is another now: other pages may be to have it. @throws ConfigError for a certificate */
  release(config: RunConfig): void {
    if (this.#open && !isSamePlace(this.#open.place, this.#placeIn(config))) this.#close();
  }

  /** @throws TransportError LISTEN naming the key where an address cannot be had that somebody asked for; ConfigError for a certificate */
  configure(config: RunConfig): void {
    const place = this.#placeIn(config);
    const open = this.#open;
    if (!place) {
      this.#close();
      return;
    }
    if (open && isSamePlace(open.place, place)) {
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

  /** The old server goes first, as the new one may want its port on other interfaces. */
  #move(config: RunConfig, place: Place): void {
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
        access: { access, action: name },
        ...(name === "api" ? { maxBodyBytes: controlApiBodyBytes } : {}),
        ...this.#servedIn(config),
        clock,
        log,
      });
    return "unix" in address ? open(address) : this.#chosen.open(address, open);
  }

  #servedIn({ server }: RunConfig): Served {
    const { name, resources } = this.#options;
    const cors = name === "api" ? controlApiCors : pagesCors;
    return {
      resources: resources(),
      cors: { origins: server[`${name}AllowOrigins`], ...cors },
      trustedProxies: server[`${name}TrustedProxies`],
    };
  }

  #placeIn(config: RunConfig): Place | undefined {
    const { server } = config;
    const { name } = this.#options;
    if (!server[name]) return undefined;
    return {
      address: parseHttpAddress(server[`${name}Address`]),
      tls: server[`${name}Encryption`] ? readCertificate(config, name) : undefined,
    };
  }
}

/** Whether one server can have both: another certificate needs no other server. */
const isSamePlace = (open: Place, wish: Place | undefined): boolean =>
  wish !== undefined && Bun.deepEquals(open.address, wish.address) && !open.tls === !wish.tls;
