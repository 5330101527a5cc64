import {
  type AmfObject,
  type AmfValue,
  amfEcmaArray,
  amfNumber,
  amfObject,
  amfProperties,
  amfString,
} from "../amf/value.ts";
import type { Command } from "./command.ts";

/** What a client told of itself in its connect command. Texts are as they came: data, not to be trusted or shown unescaped. */
export interface ConnectRequest {
  /** The application, query included. */
  readonly app: string;
  readonly tcUrl: string;
  readonly flashVersion: string;
  /** `nonprivate` where somebody wants to publish: players leave it out. */
  readonly type: string;
  readonly objectEncoding: 0 | 3;
  /** FourCCs the client announced; empty for clients that do not speak Enhanced RTMP, or do not say so. */
  readonly fourCcs: readonly string[];
  /** Enhanced RTMP capability flags (`capsEx`): 1 reconnect, 2 multitrack, 4 ModEx, 8 nanosecond timestamps. */
  readonly capabilities: number;
}

/** Our capabilities: everything is forwarded untouched, and reconnect requests are sent. */
const serverCapabilities = 1 | 2 | 4 | 8;

/** "Can forward", in a FourCC info map. */
const canForward = 4;

/** The longest text taken over from a connect command, in characters. */
const maxTextLength = 4096;

/** Some apps quote tcUrl and app. */
const textOf = (value: AmfValue): string => {
  const text = amfString(value)?.substring(0, maxTextLength) ?? "";
  return text.replace(/^'(.*)'$/s, "$1");
};

const fourCcsOf = (value: AmfValue): string[] =>
  Array.isArray(value)
    ? value.filter((item) => typeof item === "string").map((item) => item.substring(0, 8))
    : [];

/** Reads a connect command. Any field may be missing; keys are found whatever their case. RTMP 1.0 section 7.2.1.1. */
export const parseConnect = (command: Command): ConnectRequest => {
  const fields = new Map<string, AmfValue>();
  for (const [key, value] of amfProperties(command.object) ?? []) fields.set(key.toLowerCase(), value);
  return {
    app: textOf(fields.get("app")),
    tcUrl: textOf(fields.get("tcurl")),
    flashVersion: textOf(fields.get("flashver")),
    type: textOf(fields.get("type")),
    objectEncoding: amfNumber(fields.get("objectencoding")) === 3 ? 3 : 0,
    fourCcs: fourCcsOf(fields.get("fourcclist")),
    capabilities: amfNumber(fields.get("capsex")) ?? 0,
  };
};

/** True when the client said that it speaks Enhanced RTMP. */
const isEnhanced = (request: ConnectRequest): boolean =>
  request.fourCcs.length > 0 || request.capabilities > 0;

/** The two objects of the answer to connect. Enhanced RTMP v2 wants its capabilities told to those who told theirs. */
export const connectReply = (request: ConnectRequest): { properties: AmfObject; information: AmfObject } => {
  const enhanced = isEnhanced(request)
    ? {
        fourCcList: ["*"],
        videoFourCcInfoMap: amfObject({ "*": canForward }),
        audioFourCcInfoMap: amfObject({ "*": canForward }),
        capsEx: serverCapabilities,
      }
    : {};
  return {
    properties: amfObject({ fmsVer: "FMS/3,5,7,7009", capabilities: 31, mode: 1, ...enhanced }),
    information: amfObject({
      level: "status",
      code: "NetConnection.Connect.Success",
      description: "connection succeeded",
      objectEncoding: request.objectEncoding,
      data: amfEcmaArray({ version: "3,5,7,7009" }),
      ...enhanced,
    }),
  };
};
