import { maxTransports } from "./limits.ts";

/** Two ports or channels, for RTP and for RTCP. */
export type ChannelPair = readonly [rtp: number, rtcp: number];

/** One way to carry a medium, as a client offers it or a server settles it. RFC 2326 12.39. */
export type Transport = {
  /** AVP plain, SAVP encrypted; with F behind it, early feedback, which changes nothing for us. */
  readonly profile: "AVP" | "AVPF" | "SAVP" | "SAVPF";
  readonly lower: "udp" | "tcp";
  readonly delivery: "unicast" | "multicast";
  readonly mode: "play" | "record";
  readonly interleaved?: ChannelPair;
  readonly clientPorts?: ChannelPair;
  readonly serverPorts?: ChannelPair;
  /** Ports of a multicast group. */
  readonly ports?: ChannelPair;
  readonly source?: string;
  readonly destination?: string;
  /** Unsigned 32 bits. */
  readonly ssrc?: number;
};

/**
 * The alternatives of a Transport header in the order of preference. What cannot be read or is of another kind than RTP is left out:
 * an empty list is answered with 461. Never throws.
 */
export const parseTransports = (value: string): Transport[] => {
  const transports: Transport[] = [];
  for (const alternative of splitOutsideQuotes(value, ",")) {
    const transport = parseTransport(alternative);
    if (transport) transports.push(transport);
    if (transports.length === maxTransports) break;
  }
  return transports;
};

/** The first alternative that a server with these transports can do; undefined is answered with 461. */
export const chooseTransport = (
  offers: readonly Transport[],
  enabled: { readonly udp: boolean; readonly tcp: boolean },
): Transport | undefined =>
  offers.find(
    ({ profile, lower, delivery, clientPorts }) =>
      !profile.startsWith("S") &&
      enabled[lower] &&
      (lower === "tcp" || (delivery === "unicast" && clientPorts !== undefined)),
  );

const splitOutsideQuotes = (text: string, separator: string): string[] => {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.substring(from, at));
      from = at + 1;
    }
  }
  parts.push(text.substring(from));
  return parts;
};

const parseTransport = (text: string): Transport | undefined => {
  const [spec = "", ...parameters] = splitOutsideQuotes(text, ";").map((part) => part.trim());
  const [, profile, lower] = /^RTP\/(S?AVPF?)(?:\/(UDP|TCP))?$/.exec(spec.toUpperCase()) ?? [];
  if (!profile) return undefined;
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const equals = parameter.indexOf("=");
    const name = equals < 0 ? parameter : parameter.substring(0, equals);
    const value =
      equals < 0
        ? ""
        : parameter
            .substring(equals + 1)
            .replaceAll('"', "")
            .trim();
    values.set(name.trim().toLowerCase(), value);
  }
  const pairs = {
    interleaved: pairOf(values.get("interleaved"), 0xff),
    clientPorts: pairOf(values.get("client_port"), 0xffff),
    serverPorts: pairOf(values.get("server_port"), 0xffff),
    ports: pairOf(values.get("port"), 0xffff),
  };
  const source = values.get("source");
  const destination = values.get("destination");
  const ssrc = ssrcOf(values.get("ssrc"));
  return {
    profile: profile as Transport["profile"],
    // GStreamer and some cameras leave /TCP out and say it with the channels alone.
    lower: lower === "TCP" || (lower === undefined && pairs.interleaved) ? "tcp" : "udp",
    // RFC 2326 has multicast as the default; every client that leaves it out means unicast.
    delivery: values.has("multicast") ? "multicast" : "unicast",
    mode: /record|receive/i.test(values.get("mode") ?? "") ? "record" : "play",
    ...(pairs.interleaved && { interleaved: pairs.interleaved }),
    ...(pairs.clientPorts && { clientPorts: pairs.clientPorts }),
    ...(pairs.serverPorts && { serverPorts: pairs.serverPorts }),
    ...(pairs.ports && { ports: pairs.ports }),
    ...(source !== undefined && source !== "" && { source }),
    ...(destination !== undefined && destination !== "" && { destination }),
    ...(ssrc !== undefined && { ssrc }),
  };
};

const pairOf = (text: string | undefined, limit: number): ChannelPair | undefined => {
  const [, first, second] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text ?? "") ?? [];
  if (first === undefined) return undefined;
  const rtp = Number(first);
  const rtcp = second === undefined ? rtp + 1 : Number(second);
  return rtp <= limit && rtcp <= limit ? [rtp, rtcp] : undefined;
};

/** Hexadecimal; some servers write a sign or spaces, which are left alone. */
const ssrcOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;

/** The header's value, for a request or an answer. */
export const formatTransport = (transport: Transport): string => {
  const pair = (name: string, value: ChannelPair | undefined): string[] =>
    value ? [`${name}=${value[0]}-${value[1]}`] : [];
  const word = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${name}=${value}`];
  return [
    `RTP/${transport.profile}${transport.lower === "tcp" ? "/TCP" : ""}`,
    transport.delivery,
    ...word("destination", transport.destination),
    ...word("source", transport.source),
    ...pair("interleaved", transport.interleaved),
    ...pair("client_port", transport.clientPorts),
    ...pair("server_port", transport.serverPorts),
    ...pair("port", transport.ports),
    ...word("ssrc", transport.ssrc?.toString(16).toUpperCase().padStart(8, "0")),
    ...(transport.mode === "record" ? ["mode=record"] : []),
  ].join(";");
};
