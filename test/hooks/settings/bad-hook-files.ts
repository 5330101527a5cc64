/** A hooks file that is refused, and every line of why. */
export interface BadHookFile {
  readonly name: string;
  readonly text: string;
  /** Each begins with `LINE: PATH: `; the file is called `f`. */
  readonly faults: readonly string[];
}

/** Makes rows of files that begin with `head`, and go on with lines indented by `indent`. */
const after =
  (head: string, indent: number) =>
  (name: string, lines: string, ...faults: string[]): BadHookFile => ({
    name,
    text: `${head}${lines.replace(/^/gm, " ".repeat(indent))}\n`,
    faults,
  });

const whole = after("", 0);
const hooks = after("hooks:\n", 2);
const defaults = after("hooks:\n  default_config:\n", 4);
const quality = after("hooks:\n  quality:\n", 4);
const stdio = after("hooks:\n  stdio:\n", 4);
const script = after("hooks:\n  scripts:\n    - event_types: [x]\n      script: /bin/true\n", 6);
const webhookHead = "hooks:\n  webhooks:\n    - event_types: [x]\n      url: https://h/\n";
const webhook = after(webhookHead, 6);
const auth = after(`${webhookHead}      auth:\n`, 8);
const filter = after(`${webhookHead}      filter:\n`, 8);
const condition = after(`${webhookHead}      filter:\n        conditions:\n          - field: conn_id\n`, 12);

const d = "hooks.default_config";
const s = "hooks.scripts[0]";
const w = "hooks.webhooks[0]";
const durationForm = "expected a duration such as 500ms, 10s, 1m30s or 1h";
const noDuration = (text: string): string =>
  `"${text}" is no duration, expected a number with a unit such as 500ms, 10s, 1m30s or 1h`;

/** Files that are no YAML, or no hooks file, in every way people get them wrong. */
export const badHookFiles: readonly BadHookFile[] = [
  whole("an empty file", "", "1: empty, expected a mapping"),
  whole("only a comment", "# nothing", "1: empty, expected a mapping"),
  whole("a list", "- hooks", "1: expected a mapping"),
  whole("a text", "hooks", "1: expected a mapping"),
  whole("two documents", "hooks: {}\n---\nhooks: {}", "2: source contains multiple documents, expected one"),
  whole("a list that is not closed", "hooks:\n  scripts: [\nx: 1", "3: flow sequence in block collection"),
  whole("a tab", "hooks:\n\tstdio: {}", "2: tabs are not allowed as indentation"),
  whole("a tag", "hooks: !!set {a}", '1: tag "tag:yaml.org,2002:set", expected none'),
  whole("a tag nobody knows", "hooks: !env X", "1: unresolved tag: !env"),
  whole("an alias of nothing", "hooks: *x", '1: no anchor "x" before this alias'),
  whole("a variable in braces", `hooks: {stdio: {format: \${X}}}`, "1: variable inside of { } or [ ]"),
  whole("another root", "hook: {}", "1: hook: unknown key, did you mean hooks?"),
  whole("more roots", "hooks: {}\nserver: {}", "2: server: unknown key, expected hooks"),
  whole(
    "a key of objects",
    "hooks:\n  constructor: 1\n  __proto__: 2",
    "2: hooks.constructor: unknown key, expected",
    "3: hooks.__proto__: unknown key, expected",
  ),
  whole("hooks as a list", "hooks:\n  - x", "1: hooks: a list, expected a mapping"),
  whole("hooks as text", "hooks: x", "1: hooks: text, expected a mapping"),
  hooks("a key twice", "stdio: {}\nquality: {}\nstdio: {}", '4: "stdio" stands twice, first on line 2'),
  hooks("a misspelt key", "webhook: []", "2: hooks.webhook: unknown key, did you mean webhooks?"),
  hooks("admission", "admission: []", "2: hooks.admission: is not part of this file yet"),
  hooks("scripts as a mapping", "scripts: {a: b}", "2: hooks.scripts: a mapping, expected a list"),
  hooks("a script as text", "scripts: [/bin/true]", "2: hooks.scripts[0]: text, expected a mapping"),
  hooks(
    "an empty script",
    "scripts: [{}]",
    "2: hooks.scripts[0].event_types: missing",
    "2: hooks.scripts[0].script: missing",
  ),
  hooks("a nothing among webhooks", "webhooks:\n  -", "3: hooks.webhooks[0]: null, expected a mapping"),

  defaults("a misspelt key", "timout: 3s", `3: ${d}.timout: unknown key, did you mean timeout?`),
  defaults("a timeout without unit", "timeout: 30", `3: ${d}.timeout: 30, ${durationForm}`),
  defaults("a timeout in words", "timeout: soon", `3: ${d}.timeout: ${noDuration("soon")}`),
  defaults("a timeout of nothing", "timeout: 0", `3: ${d}.timeout: 0, expected a duration from 1ms to 8760h`),
  defaults("a negative timeout", "timeout: -3s", `3: ${d}.timeout: ${noDuration("-3s")}`),
  defaults(
    "no concurrency",
    "concurrency: 0",
    `3: ${d}.concurrency: 0, expected a whole number from 1 to 1000`,
  ),
  defaults(
    "too much concurrency",
    "concurrency: 1001",
    `3: ${d}.concurrency: 1001, expected a whole number from 1 to 1000`,
  ),
  defaults("half a concurrency", "concurrency: 1.5", `3: ${d}.concurrency: 1.5, expected a whole number`),
  defaults(
    "infinite concurrency",
    "concurrency: .inf",
    `3: ${d}.concurrency: Infinity, expected a whole number`,
  ),
  defaults(
    "concurrency as hexadecimal text",
    'concurrency: "0x10"',
    `3: ${d}.concurrency: "0x10", expected a whole number`,
  ),
  defaults("an unknown egress", "egress: all", `3: ${d}.egress: "all", expected default, public-only or any`),
  defaults(
    "an unknown TLS policy",
    "tls_policy: on",
    `3: ${d}.tls_policy: "on", expected public, strict or off`,
  ),
  defaults(
    "no attempts",
    "retry: {max_attempts: 0}",
    `3: ${d}.retry.max_attempts: 0, expected a whole number from 1 to 1000`,
  ),
  defaults(
    "an unknown backoff",
    "retry:\n  backoff_strategy: quadratic",
    `4: ${d}.retry.backoff_strategy: "quadratic", expected exponential, linear or fixed`,
  ),
  defaults(
    "jitter in words",
    "retry:\n  jitter: maybe",
    `4: ${d}.retry.jitter: "maybe", expected true or false`,
  ),
  defaults("jitter as a number", "retry:\n  jitter: 1", `4: ${d}.retry.jitter: 1, expected true or false`),
  defaults(
    "delays the wrong way round",
    "retry:\n  initial_delay: 2m\n  max_delay: 1m",
    `5: ${d}.retry.max_delay: shorter than initial_delay`,
  ),
  defaults(
    "a single retryable error",
    "retry:\n  retryable_errors: 5xx",
    `4: ${d}.retry.retryable_errors: text, expected a list`,
  ),
  defaults(
    "a status as a number",
    "retry:\n  retryable_errors: [5xx, 429]",
    `4: ${d}.retry.retryable_errors[1]: 429, expected text in quotes`,
  ),
  defaults(
    "an unknown guarantee",
    "delivery: {guarantee_level: exactly-once}",
    `3: ${d}.delivery.guarantee_level: "exactly-once", expected none or at-least-once`,
  ),
  defaults(
    "an unknown ordering",
    "delivery: {ordering: fifo}",
    `3: ${d}.delivery.ordering: "fifo", expected stream, strict or none`,
  ),
  defaults(
    "pacing",
    "delivery: {max_rate: 3}",
    `3: ${d}.delivery.max_rate: is not available, expected filter.rate_limit`,
  ),

  script("an unknown key", "webhook: https://h/", `5: ${s}.webhook: unknown key, expected`),
  script("an unknown mode", "mode: supervised", `5: ${s}.mode: "supervised", expected oneshot or stream`),
  script("a group of processes", "cgroup: /x", `5: ${s}.cgroup: is not available`),
  script("arguments as text", "args: -v", `5: ${s}.args: text, expected a list`),
  script("an argument as number", "args: [-v, 3]", `5: ${s}.args[1]: 3, expected text in quotes`),
  script("variables as a list", "env: [A=b]", `5: ${s}.env: a list, expected a mapping`),
  script("a variable that is none", "env:\n  A-B: c", `6: ${s}.env.A-B: "A-B" is no variable`),
  script("a variable as number", "env:\n  PORT: 80", `6: ${s}.env.PORT: 80, expected text in quotes`),
  script("an unknown env_mode", "env_mode: none", `5: ${s}.env_mode: "none", expected inherit or clean`),
  script("a user by name", "uid: www", `5: ${s}.uid: "www", expected a whole number from 0`),
  script("an id with a space", "id: a b", `5: ${s}.id: "a b", expected up to 64 letters`),
  script("enabled in words", "enabled: sometimes", `5: ${s}.enabled: "sometimes", expected true or false`),
  script(
    "a dead letter of its own",
    "delivery:\n  dead_letter_url: https://h/",
    `6: ${s}.delivery.dead_letter_url: is one for all hooks`,
  ),
  script("auth", "auth: {}", `5: ${s}.auth: unknown key`),

  webhook("a misspelt key", "metod: PUT", `5: ${w}.metod: unknown key, did you mean method?`),
  webhook("an unknown method", "method: GET", `5: ${w}.method: "GET", expected POST, PUT or PATCH`),
  webhook(
    "a header of the connection",
    "headers:\n  Host: x",
    `6: ${w}.headers.Host: header Host is set by the server`,
  ),
  webhook(
    "a header of ours",
    "headers:\n  Webhook-Id: x",
    `6: ${w}.headers.Webhook-Id: header Webhook-Id is set by the server`,
  ),
  webhook("a header that is none", "headers:\n  X Y: x", `6: ${w}.headers."X Y": "X Y" is no header`),
  webhook(
    "a header with a line break",
    'headers:\n  X: "a\\r\\nY: b"',
    `6: ${w}.headers.X: a header value with a line break`,
  ),
  webhook(
    "an unknown format",
    "format: teams",
    `5: ${w}.format: "teams", expected seed, cloudevents, discord or slack`,
  ),
  webhook("an unknown template", "template: teams", `5: ${w}.template: "teams", expected raw, cloudevents`),
  webhook(
    "a path for a certificate",
    "tls:\n  ca: /etc/ca.pem",
    `6: ${w}.tls.ca: expected PEM text, or file:/path of such a file`,
  ),
  webhook(
    "a certificate without key",
    "tls:\n  cert: -----BEGIN CERTIFICATE-----",
    `5: ${w}.tls: one of cert and key, expected both`,
  ),
  webhook(
    "a short fingerprint",
    "tls:\n  fingerprint: AA:BB",
    `6: ${w}.tls.fingerprint: "AA:BB", expected the SHA-256`,
  ),
  webhook("a proxy of another kind", "proxy: socks5://p:1", `5: ${w}.proxy: expected http[s]://`),
  webhook(
    "several faults",
    "method: GET\nfoo: 1\ntimeout: x\nbar: 2",
    `5: ${w}.method: "GET"`,
    `6: ${w}.foo: unknown key`,
    `7: ${w}.timeout: "x"`,
    `8: ${w}.bar: unknown key`,
  ),

  auth(
    "auth without type",
    "key: x",
    `5: ${w}.auth.type: missing, expected api_key, hmac, jwt, oauth2 or basic`,
  ),
  auth(
    "an unknown type",
    "type: digest",
    `6: ${w}.auth.type: "digest", expected api_key, hmac, jwt, oauth2 or basic`,
  ),
  auth("hmac without secret", "type: hmac", `5: ${w}.auth.secret: missing`),
  auth(
    "an empty secret",
    'type: hmac\nsecret: ""',
    `7: ${w}.auth.secret: empty, expected a secret or file:/path`,
  ),
  auth(
    "a secret as number",
    "type: hmac\nsecret: 12345",
    `7: ${w}.auth.secret: expected a secret in quotes, or file:/path`,
  ),
  auth(
    "a secret in a file beside",
    "type: hmac\nsecret: file:x",
    `7: ${w}.auth.secret: file "x", expected an absolute path`,
  ),
  auth(
    "a secret in no file",
    "type: hmac\nsecret: file:/no/such",
    `7: ${w}.auth.secret: file "/no/such" cannot be read`,
  ),
  auth("a secret in a directory", "type: hmac\nsecret: file:/", `7: ${w}.auth.secret: "/" is no file`),
  auth(
    "an unknown algorithm",
    "type: hmac\nsecret: x\nalgorithm: md5",
    `8: ${w}.auth.algorithm: "md5", expected sha256 or sha1`,
  ),
  auth("a key of another type", "type: hmac\nsecret: x\nkey: y", `8: ${w}.auth.key: unknown key`),
  auth(
    "two ends",
    "type: hmac\nsecret: x\nprevious_secret: y\nexpiry: 1h\nprevious_until: 2026-01-01T00:00:00Z",
    `5: ${w}.auth: both previous_until and expiry`,
  ),
  auth(
    "an end of nothing",
    "type: hmac\nsecret: x\nexpiry: 1h",
    `5: ${w}.auth: previous_until or expiry without`,
  ),
  auth(
    "an end without time",
    "type: hmac\nsecret: x\nprevious_secret: y\nprevious_until: 2026-01-01",
    `9: ${w}.auth.previous_until: "2026-01-01", expected a moment`,
  ),
  auth(
    "a key in no header",
    "type: api_key\nkey: x\nheader: Content-Length",
    `8: ${w}.auth.header: header Content-Length is set`,
  ),
  auth(
    "no PEM for RS256",
    "type: jwt\nsecret: x\nalgorithm: RS256",
    `7: ${w}.auth.secret: expected a private key in PEM`,
  ),
  auth(
    "a claim of ours",
    "type: jwt\nsecret: x\nclaims:\n  exp: y",
    `9: ${w}.auth.claims.exp: a claim that the server sets`,
  ),
  auth(
    "a token from nowhere",
    "type: oauth2\nclient_id: a\nclient_secret: b\ntoken_url: h/t",
    `9: ${w}.auth.token_url: expected http`,
  ),
  auth(
    "a user with a colon",
    'type: basic\nusername: "a:b"\npassword: c',
    `7: ${w}.auth.username: a user with a colon`,
  ),

  filter("no types", "event_types: []", `6: ${w}.filter.event_types: empty, expected a list of at least one`),
  filter(
    "a pattern of nothing",
    'stream_patterns: [""]',
    `6: ${w}.filter.stream_patterns[0]: "", expected text`,
  ),
  filter(
    "an unknown severity",
    "min_severity: warn",
    `6: ${w}.filter.min_severity: "warn", expected debug, info, warning`,
  ),
  filter("half a limit", "rate_limit:\n  max_events: 3", `6: ${w}.filter.rate_limit.time_window: missing`),
  filter(
    "no events",
    "rate_limit: {max_events: 0, time_window: 1m}",
    `6: ${w}.filter.rate_limit.max_events: 0, expected`,
  ),
  filter(
    "no window",
    "rate_limit: {max_events: 1, time_window: 0s}",
    `6: ${w}.filter.rate_limit.time_window: "0s", expected`,
  ),
  filter(
    "an unknown key of limits",
    "rate_limit: {max_events: 1, time_window: 1s, key: app}",
    `6: ${w}.filter.rate_limit.key: "app", expected hook, stream, conn or event`,
  ),
  filter(
    "a condition as text",
    "conditions: [data.bitrate>1]",
    `6: ${w}.filter.conditions[0]: text, expected a mapping`,
  ),
  filter(
    "a pattern that is not closed",
    'stream_patterns: ["live/*", "live/["]',
    `6: ${w}.filter.stream_patterns[1]: stream pattern "live/[": a bracket is not closed`,
  ),
  filter(
    "a condition on no field",
    "conditions:\n  - { field: bitrate, operator: eq, value: 1 }",
    `7: ${w}.filter.conditions[0].field: unknown field "bitrate"`,
  ),
  condition(
    "a pattern that is none",
    'operator: matches\nvalue: "("',
    `9: ${w}.filter.conditions[0].value: "(" is no regular expression`,
  ),
  condition(
    "an unknown operator",
    "operator: between\nvalue: 1",
    `8: ${w}.filter.conditions[0].operator: "between", expected eq`,
  ),
  condition(
    "an operator without value",
    "operator: eq",
    `7: ${w}.filter.conditions[0].value: the operator eq needs a value`,
  ),
  condition(
    "a list for eq",
    "operator: eq\nvalue: [1]",
    `9: ${w}.filter.conditions[0].value: [1], expected one value for the operator eq`,
  ),
  condition(
    "a text for in",
    "operator: in\nvalue: a",
    `9: ${w}.filter.conditions[0].value: "a", expected a list for the operator in`,
  ),
  condition(
    "a text for gt",
    "operator: gt\nvalue: fast",
    `9: ${w}.filter.conditions[0].value: "fast", expected a number for the operator gt`,
  ),
  condition(
    "a mapping as value",
    "operator: eq\nvalue: {a: 1}",
    `9: ${w}.filter.conditions[0].value: a mapping, expected text`,
  ),
  condition(
    "exists in words",
    "operator: exists\nvalue: often",
    `9: ${w}.filter.conditions[0].value: "often", expected true or false`,
  ),

  stdio("an unknown format", "format: xml", '3: hooks.stdio.format: "xml", expected json or env'),
  stdio(
    "an unknown stream",
    "stream: file",
    '3: hooks.stdio.stream: "file", expected stdout, stderr or both',
  ),
  quality(
    "too much of everything",
    "cpu_percent: 101",
    "3: hooks.quality.cpu_percent: 101, expected a number from 0.1 to 100",
  ),
  quality("a share in words", "cpu_percent: 80%", '3: hooks.quality.cpu_percent: "80%", expected a number'),
  quality("a size in words", "resident_bytes: much", '3: hooks.quality.resident_bytes: "much" is no size'),
  quality(
    "a misspelt key",
    "cpu_percents: 80",
    "3: hooks.quality.cpu_percents: unknown key, did you mean cpu_percent?",
  ),

  defaults("a variable that is not set", `timeout: \${UNSET}`, `3: ${d}.timeout: variable UNSET is not set`),
  defaults(
    "a variable that has to be set",
    `timeout: \${UNSET:?how long}`,
    `3: ${d}.timeout: variable UNSET: how long`,
  ),
  defaults(
    "a variable that has to be something",
    `timeout: \${EMPTY:?how long}`,
    `3: ${d}.timeout: variable EMPTY: how long`,
  ),
  defaults("a variable of no name", `timeout: \${1X}`, `3: ${d}.timeout: "\${1X}", expected`),
  defaults("a variable that is not closed", `timeout: \${X`, `3: ${d}.timeout: "\${", expected`),
  defaults(
    "a variable with something else",
    `timeout: \${SECRET}`,
    `3: ${d}.timeout: "\${SECRET}" is no duration`,
  ),
  auth(
    "a secret of an empty variable",
    `type: hmac\nsecret: \${EMPTY}`,
    `7: ${w}.auth.secret: empty, expected`,
  ),
];
