import { lookup } from "node:dns/promises";

/** The addresses of a host name, in the order they are to be tried. @throws Error with a `code` such as `ENOTFOUND` */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** Asks the system: its hosts file and its name servers. */
export const systemResolver: Resolver = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** The host of a URL as resolvers and sockets take it: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "");
