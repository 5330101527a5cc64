import * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { duration, integer, optional, text, truth, unserved, word } from "../../config/field.ts";
import { hidden, readSecret, secret } from "../../config/secret.ts";
import { list, oneOrMore, section } from "../../config/section.ts";
import { texts } from "../../config/texts.ts";
import { environmentModes, scriptModes } from "../script/script-settings.ts";
import { stdioFormats, stdioStreams } from "../stdio/stdio-hook.ts";
import { bodyFormats, egressPolicies, tlsPolicies } from "../webhook/webhook-settings.ts";
import { redactUrl } from "../webhook/webhook-url.ts";
import { authSection } from "./auth-section.ts";
import { deliverySection, retrySection, sharedDeliverySection } from "./delivery-section.ts";
import { filterSection } from "./filter-section.ts";
import { headerName, headerValue } from "./header.ts";
import { qualitySection } from "./quality-section.ts";

const timeout = optional(duration("how long one execution may take; 30s by default"));
const concurrency = (doc: string) => optional(integer(doc, { min: 1, max: 1_000 }));
const egress = optional(
  word("addresses that may be connected to: default, public-only (no private ones) or any", egressPolicies),
);
const tlsPolicy = optional(
  word("where TLS is needed: public (default; not for private addresses), strict or off", tlsPolicies),
);

const defaultConfig = section("what hooks have that say nothing else", {
  timeout,
  concurrency: concurrency("executions at once, over all hooks; 10 by default"),
  retry: optional(retrySection),
  delivery: optional(sharedDeliverySection),
  egress,
  tls_policy: tlsPolicy,
});

/** What scripts and webhooks have in common. */
const common = {
  id: optional(
    text("names the hook, and keeps its queue when anything else about it changes", {
      parse: (id) => {
        if (/^[\w.:-]{1,64}$/.test(id)) return id;
        throw new ConfigError(`${printable(id)}, expected up to 64 letters, digits, and any of . _ : -`);
      },
    }),
  ),
  enabled: optional(truth("off keeps the hook from getting events; on by default")),
  event_types: oneOrMore("types of events; * for all", text("an event type, or * for all")),
  filter: optional(filterSection),
  retry: optional(retrySection),
  delivery: optional(deliverySection),
  timeout,
  concurrency: concurrency("executions of this hook at once; its share of all by default"),
};

const identity = { min: 0, max: 4_294_967_294 };

const variableName = (name: string): void => {
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new ConfigError(`${printable(name)} is no variable, expected letters, digits and _`);
};

const scriptSection = section("a program that is run when something happens", {
  ...common,
  script: text("the file; a relative path begins where the server was started"),
  args: optional(list("its arguments", text("an argument"))),
  mode: optional(
    word("oneshot (default) runs it for each event, stream once with events as lines of JSON", scriptModes),
  ),
  env: optional(
    texts("variables for it, beside those of the event", {
      name: variableName,
      value: (value) => {
        if (value.includes("\0")) throw new ConfigError("a NUL, which no variable can hold");
        return value;
      },
      shown: () => hidden,
    }),
  ),
  env_mode: optional(
    word(
      "inherit (default) gives it the server's environment without secrets, clean next to nothing",
      environmentModes,
    ),
  ),
  cwd: optional(text("the directory it is run in; the server's by default")),
  uid: optional(integer("user it is run as", identity)),
  gid: optional(integer("group it is run as", identity)),
  cgroup: optional(
    unserved("control group", "is not available, expected a script that enters its group itself"),
  ),
});

const pem = (doc: string) =>
  optional(
    secret(`${doc}: PEM, or file:/path`, (given) => {
      if (!given.includes("-----BEGIN "))
        throw new ConfigError("expected PEM text, or file:/path of such a file");
      return given;
    }),
  );

/** `AA:BB:…`, as certificates are shown everywhere. */
const fingerprint = (given: string): string => {
  const digits = given.replaceAll(":", "").toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits))
    throw new ConfigError(
      `${printable(given)}, expected the SHA-256 of a certificate, 64 hexadecimal digits`,
    );
  return digits.replace(/..(?!$)/g, "$&:");
};

const tlsSection = v.pipe(
  section("whom to trust beside whom the machine trusts, and who we are", {
    ca: pem("certificate authorities"),
    cert: pem("our certificate"),
    key: pem("its private key"),
    fingerprint: optional(text("SHA-256 of the server's certificate", { parse: fingerprint })),
  }),
  v.check(
    ({ cert, key }) => (cert === undefined) === (key === undefined),
    "one of cert and key, expected both",
  ),
);

const proxyUrl = (given: string): string => {
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol) || url.host === "")
    throw new ConfigError("expected http[s]://[USER:PASSWORD@]HOST[:PORT]");
  return url.href;
};

/** Other names of some formats. */
const templates = { raw: "seed", cloudevents: "cloudevents", discord: "discord", slack: "slack" } as const;

const webhookSection = section("a URL that is told when something happens", {
  ...common,
  url: text("http or https", { shown: (url) => redactUrl(String(url)) }),
  method: optional(word("POST by default", ["POST", "PUT", "PATCH"])),
  headers: optional(
    texts("further headers; values may be file:/path", {
      name: (name) => void headerName(name),
      value: (value) => headerValue(readSecret(value)),
      shown: () => hidden,
    }),
  ),
  auth: optional(authSection),
  format: optional(
    word("how the body is written: seed (default), cloudevents, discord or slack", bodyFormats),
  ),
  template: optional(
    word("the same as format; raw is the event itself", Object.keys(templates) as (keyof typeof templates)[]),
  ),
  tls: optional(tlsSection),
  proxy: optional(
    text("proxy that connections are made through", {
      parse: proxyUrl,
      shown: (url) => redactUrl(String(url)),
    }),
  ),
  egress,
  tls_policy: tlsPolicy,
});

const stdioSection = section("events on standard output", {
  format: optional(word("json (default) or env", stdioFormats)),
  prefix: optional(text("stands in front of each line of JSON")),
  stream: optional(word("stdout (default), stderr or both", stdioStreams)),
  filter: optional(filterSection),
});

/** What stands under `hooks:`. */
export const hooksSection = section("what happens when something happens", {
  default_config: optional(defaultConfig),
  scripts: optional(list("programs that are run", scriptSection)),
  webhooks: optional(list("URLs that are told", webhookSection)),
  stdio: optional(stdioSection),
  quality: optional(qualitySection),
  admission: optional(
    unserved("hooks that decide", "is not part of this file yet, expected hooks that are told, not asked"),
  ),
});

/** A whole hooks.yaml. */
export const hookFileSchema = section("hooks of rtmp-server", { hooks: optional(hooksSection) });

/** What a hooks.yaml says under `hooks:`, checked: keys as they are written, durations in milliseconds, secrets as they are. */
export type HookFile = v.InferOutput<typeof hooksSection>;
/** One of its scripts. */
export type ScriptFile = v.InferOutput<typeof scriptSection>;
/** One of its webhooks. */
export type WebhookFile = v.InferOutput<typeof webhookSection>;
/** Its standard output. */
export type StdioFile = v.InferOutput<typeof stdioSection>;
/** What its hooks have that say nothing else. */
export type DefaultsFile = v.InferOutput<typeof defaultConfig>;
