import { ConfigError } from "../base/errors.ts";
import { hideInUrl } from "../base/hide-secrets.ts";
import { redactRtmpUrl } from "../rtmp/url.ts";
import { parseRtspUrl } from "../rtsp/io/rtsp-url.ts";
import type { ForwarderOrder } from "./forwarder.ts";
import { schemeOf } from "./path-conf.ts";
import { RtmpSource } from "./rtmp-source.ts";
import { RtspSource } from "./rtsp-source.ts";
import { parseServerUrl } from "./server-url.ts";
import type { PushTarget } from "./target.ts";

/** Where variables and their values come from. */
type Variables = Readonly<Record<string, string | undefined>>;

/** Services take RTMP over TLS at this port. */
const rtmpsPort = 443;

/**
 * Reads what a forwarder is to do: `FORWARD_SOURCE`, `FORWARD_TARGET`, and where they are given the fingerprints of their certificates.
 * @throws ConfigError that begins with the name of the variable, without secrets
 */
export const readForwardOrder = (variables: Variables): ForwarderOrder => ({
  ...read(variables, "FORWARD_SOURCE", sourceOf),
  target: read(variables, "FORWARD_TARGET", targetOf),
});

const read = <Value>(
  variables: Variables,
  name: string,
  make: (url: string, fingerprint: string) => Value,
): Value => {
  const fingerprintName = `${name}_FINGERPRINT`;
  const { [name]: url = "", [fingerprintName]: fingerprint = "" } = variables;
  if (url === "") throw new ConfigError(`${name} is not set, expected a URL`);
  const digits = fingerprint.replaceAll(":", "").toLowerCase();
  if (!/^(?:[\da-f]{64})?$/.test(digits))
    throw new ConfigError(`${fingerprintName} is no SHA-256, expected 64 hexadecimal digits`);
  try {
    return make(url, digits);
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(`${name}: ${error.message}`, { cause: error })
      : error;
  }
};

const sourceOf = (url: string, fingerprint: string): Omit<ForwarderOrder, "target"> => ({
  from: schemeOf(url)?.startsWith("rtsp")
    ? new RtspSource(parseRtspUrl(url), { fingerprint, transport: "tcp" })
    : new RtmpSource(parseServerUrl(url), fingerprint),
  // The name of a stream of ours is no key.
  label: hideInUrl(url),
});

const targetOf = (text: string, fingerprint: string): PushTarget => {
  const { url, login } = parseServerUrl(text, {}, { rtmpsPort });
  return { label: redactRtmpUrl(text), urlFor: () => url, login, fingerprint };
};
