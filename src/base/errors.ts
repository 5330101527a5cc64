/** What every error of ours carries: a code that tests and tools may rely on, and a sentence for a person. */
abstract class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** How a peer can break a protocol or one of our limits. */
export type WireErrorCode =
  | "TRUNCATED"
  | "NOT_RTMP"
  | "HANDSHAKE_TIMEOUT"
  | "STAGE_TIMEOUT"
  | "IDLE_TIMEOUT"
  | "PEER_STALLED"
  | "BITRATE"
  | "CHUNK_HEADER"
  | "CHUNK_SIZE"
  | "CHUNK_STREAMS"
  | "MESSAGE_TOO_LARGE"
  | "MESSAGE_INTERRUPTED"
  | "PARTIAL_BYTES"
  | "CONTROL_MESSAGE"
  | "CONTROL_FLOOD"
  | "HEADER_OVERHEAD"
  | "AMF_MARKER"
  | "AMF_TOO_DEEP"
  | "AMF_TOO_LARGE"
  | "AMF_REFERENCE"
  | "AGGREGATE"
  | "COMMAND"
  | "COMMAND_ORDER"
  | "FLV_HEADER"
  | "FLV_TAG"
  | "CODEC_CONFIG"
  | "RTSP_MESSAGE"
  | "RTP_PACKET"
  | "SDP";

/** The peer broke the protocol or a limit: that session closes, nothing else is touched. */
export class WireError extends CodedError<WireErrorCode> {
  override readonly name = "WireError";
}

/** Why our policy says no. */
export type RefusedErrorCode =
  | "ALREADY_PUBLISHING"
  | "STREAM_NOT_FOUND"
  | "BAD_STREAM_NAME"
  | "BAD_APP"
  | "TOO_MANY_STREAMS"
  | "TOO_MANY_READERS"
  | "TOO_MANY_CONNECTIONS"
  | "PATH_NOT_CONFIGURED"
  | "NOT_FOR_PUBLISHERS"
  | "ACCESS_DENIED"
  | "ACCESS_UNAVAILABLE"
  | "SEGMENT_NOT_FOUND"
  | "SEGMENT_BUSY"
  | "BAD_TIME"
  | "NO_PICTURE"
  | "NO_FFMPEG"
  | "SHUTTING_DOWN";

/** Our policy refuses: the peer is told in its protocol's own words, then the session closes. */
export class RefusedError extends CodedError<RefusedErrorCode> {
  override readonly name = "RefusedError";
}

/** What can fail outside of us. `DENIED` is a refusal of who we are, `REJECTED` any other. */
export type TransportErrorCode =
  | "CONNECT"
  | "CLOSED"
  | "TIMEOUT"
  | "REJECTED"
  | "DENIED"
  | "DISK"
  | "LISTEN"
  | "OVERFLOW";

/** Network, disk or child process failed: exactly one owner retries. */
export class TransportError extends CodedError<TransportErrorCode> {
  override readonly name = "TransportError";
}

/** The operator's mistake: which option, what was given, what is accepted. Exit code 2 before anything starts. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads the value of a flag; a fault of the operator's gets the flag's name in front. @throws ConfigError, and whatever else `read` throws */
export const forFlag = <Value>(flag: string, read: () => Value): Value => {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(`--${flag}: ${error.message}`, { cause: error })
      : error;
  }
};

/** The text of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of whatever was thrown, such as the operating system's `ENOENT`; undefined where it has none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Ends a switch over a union: does not compile while a case is missing. */
export const unreachable = (value: never): never => {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`);
};
