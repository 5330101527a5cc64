import { WireError } from "../base/errors.ts";
import { maxAttributes, maxBodyBytes, maxMedias } from "./limits.ts";

// v=0 · o=- id version IN IP4 address · s=name · c=IN IP4 address · t=0 0 · a=name[:value] ...
// m=kind port protocol payloadType ...      one per track, its own c= and a= behind it

/** One way to code a medium: an rtpmap with its fmtp. RFC 8866 6.6 and 6.15. */
export type MediaFormat = {
  /** 0 to 127. */
  readonly payloadType: number;
  /** As written, such as `H264` or `mpeg4-generic`: compare in one case. */
  readonly encoding: string;
  /** Units of RTP time per second. */
  readonly clockRate: number;
  /** Undefined where the format does not say. */
  readonly channels: number | undefined;
  /** What the fmtp says, names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
};

/** A medium of a session. */
export type MediaDescription = {
  /** `video`, `audio`, `application` ... */
  readonly kind: string;
  readonly port: number;
  /** Such as `RTP/AVP`. */
  readonly protocol: string;
  /** The formats that could be understood, the preferred one first. */
  readonly formats: readonly MediaFormat[];
  /** Where to send SETUP, relative or absolute. */
  readonly control: string | undefined;
  readonly direction: "sendrecv" | "sendonly" | "recvonly" | "inactive" | undefined;
};

/** A session description. */
export type SessionDescription = {
  readonly name: string;
  readonly control: string | undefined;
  /** As written, such as `npt=0-`. */
  readonly range: string | undefined;
  readonly medias: readonly MediaDescription[];
};

/** Formats that need no rtpmap. RFC 3551 6. */
const staticFormats: Readonly<
  Record<number, readonly [encoding: string, clockRate: number, channels?: number]>
> = {
  0: ["PCMU", 8000, 1],
  3: ["GSM", 8000, 1],
  8: ["PCMA", 8000, 1],
  9: ["G722", 8000, 1],
  10: ["L16", 44100, 2],
  11: ["L16", 44100, 1],
  14: ["MPA", 90000],
  26: ["JPEG", 90000],
  32: ["MPV", 90000],
  33: ["MP2T", 90000],
};

/** A section while it is read: that of the session, or that of a medium with its `m=` line. */
type Section = {
  readonly media: string | undefined;
  readonly attributes: (readonly [string, string])[];
  name: string;
};

/**
 * Reads a session description of an encoder, a camera or a server: any line ends, any order, unknown lines passed over. Formats that
 * are incomplete are left out, so a medium may have none. Text is borrowed.
 * @throws WireError SDP when it is none, or beyond a limit
 */
export const parseSdp = (text: string): SessionDescription => {
  if (text.length > maxBodyBytes) throw new WireError("SDP", `more than ${maxBodyBytes} characters`);
  const [session, ...medias] = sectionsOf(text);
  if (!session) throw new WireError("SDP", "no line of a session description");
  return {
    name: session.name,
    control: attribute(session, "control"),
    range: attribute(session, "range"),
    medias: medias.map(readMedia),
  };
};

const sectionsOf = (text: string): Section[] => {
  let section: Section = { media: undefined, attributes: [], name: "" };
  const sections: Section[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const [, type = "", value = ""] = /^\s*([a-z])\s*=\s?(.*)$/.exec(line) ?? [];
    if (type === "") continue;
    if (sections.length === 0) sections.push(section);
    if (type === "m") {
      if (sections.length > maxMedias) throw new WireError("SDP", `more than ${maxMedias} media`);
      section = { media: value.trim(), attributes: [], name: "" };
      sections.push(section);
    } else if (type === "s" && section.media === undefined) {
      section.name = value.trim();
    } else if (type === "a") {
      if (section.attributes.length === maxAttributes) {
        throw new WireError("SDP", `more than ${maxAttributes} attributes`);
      }
      const colon = value.indexOf(":");
      const name = (colon < 0 ? value : value.substring(0, colon)).trim().toLowerCase();
      section.attributes.push([name, colon < 0 ? "" : value.substring(colon + 1).trim()]);
    }
  }
  return sections;
};

const attribute = (section: Section, name: string): string | undefined =>
  section.attributes.find(([each]) => each === name)?.[1];

const directions = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;

const readMedia = (section: Section): MediaDescription => {
  const [kind = "", port = "", protocol = "", ...types] = (section.media ?? "").split(/\s+/);
  if (kind === "" || !/^\d{1,5}(?:\/\d+)?$/.test(port) || protocol === "") {
    throw new WireError("SDP", "m= line, expected kind, port, protocol and payload types");
  }
  const payloadTypes = types.filter((type) => /^\d{1,3}$/.test(type)).map(Number);
  return {
    kind: kind.toLowerCase(),
    port: Number.parseInt(port, 10),
    protocol,
    formats: [...new Set(payloadTypes)].flatMap((type) => readFormat(section, type) ?? []),
    control: attribute(section, "control"),
    direction: directions.find((direction) => attribute(section, direction) !== undefined),
  };
};

const readFormat = (section: Section, payloadType: number): MediaFormat | undefined => {
  const [known, knownRate, knownChannels] = staticFormats[payloadType] ?? [];
  const [, encoding = known, rate, channels] =
    /^([^/\s]+)\s*\/\s*(\d{1,7})(?:\s*\/\s*(\d{1,3}))?/.exec(
      valueFor(section, "rtpmap", payloadType) ?? "",
    ) ?? [];
  const clockRate = rate === undefined ? knownRate : Number(rate);
  if (payloadType > 127 || encoding === undefined || !clockRate) return undefined;
  return {
    payloadType,
    encoding,
    clockRate,
    channels: channels === undefined ? (rate === undefined ? knownChannels : undefined) : Number(channels),
    parameters: parseParameters(valueFor(section, "fmtp", payloadType) ?? ""),
  };
};

/** The value of an `a=name:payloadType value` line. */
const valueFor = (section: Section, name: string, payloadType: number): string | undefined => {
  for (const [each, value] of section.attributes) {
    if (each !== name) continue;
    const [type = ""] = value.split(/\s/, 1);
    if (/^\d+$/.test(type) && Number(type) === payloadType) return value.substring(type.length).trim();
  }
  return undefined;
};

const parseParameters = (text: string): Map<string, string> => {
  const parameters = new Map<string, string>();
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.substring(0, equals)).trim().toLowerCase();
    if (name !== "") parameters.set(name, equals < 0 ? "" : part.substring(equals + 1).trim());
  }
  return parameters;
};

/** A track of a session description that we write. */
export type SdpTrack = {
  readonly kind: "video" | "audio";
  readonly format: MediaFormat;
  /** Where to send SETUP; relative to Content-Base. */
  readonly control: string;
  /** The receiver's port where no RTSP settles it. */
  readonly port?: number;
};

const oneLine = (text: string): string => text.replace(/[\r\n\0]+/g, " ");

/**
 * Writes the session description of a live stream: controls relative to Content-Base, a range without end. `address` is IPv4 or IPv6,
 * where receivers listen; without it any.
 */
export const encodeSdp = (session: {
  readonly name?: string;
  readonly address?: string;
  readonly tracks: readonly SdpTrack[];
}): string => {
  const address = session.address ?? "0.0.0.0";
  const family = address.includes(":") ? "IP6" : "IP4";
  const lines = [
    "v=0",
    `o=- 0 0 IN ${family} ${address === "0.0.0.0" ? "127.0.0.1" : address}`,
    `s=${oneLine(session.name || "Stream")}`,
    `c=IN ${family} ${address}`,
    "t=0 0",
    "a=control:*",
    "a=range:npt=0-",
    ...session.tracks.flatMap(trackLines),
  ];
  return `${lines.join("\r\n")}\r\n`;
};

const trackLines = ({ kind, format, control, port = 0 }: SdpTrack): string[] => {
  const { payloadType, encoding, clockRate, channels, parameters } = format;
  const fmtp = [...parameters].map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join("; ");
  return [
    `m=${kind} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}/${clockRate}${channels === undefined ? "" : `/${channels}`}`,
    ...(fmtp === "" ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
    `a=control:${oneLine(control)}`,
  ];
};
