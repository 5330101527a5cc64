import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../../src/base/errors.ts";
import { redact } from "../../../src/config/redact.ts";
import { hookFileSchema, hooksSection } from "../../../src/hooks/settings/hook-file.ts";
import {
  type LoadedHookFile,
  loadHookFile,
  parseHookFile,
} from "../../../src/hooks/settings/load-hook-file.ts";
import { badHookFiles } from "./bad-hook-files.ts";
import { sampleFile } from "./sample-file.ts";

const read = (text: string, environment: Record<string, string> = {}): LoadedHookFile =>
  parseHookFile(text, { name: "f", environment });

const faultsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
};

describe("a hooks file", () => {
  test("is read as in the specification", () => {
    const { hooks, variables } = read(sampleFile, { WEBHOOK_SECRET: "s3cret" });
    expect([...variables]).toEqual(["WEBHOOK_SECRET"]);
    expect(hooks).toEqual({
      default_config: {
        timeout: 30_000,
        concurrency: 10,
        retry: { max_attempts: 3, initial_delay: 1_000, backoff_strategy: "exponential" },
      },
      scripts: [
        {
          event_types: ["connection_accept", "connection_close"],
          script: "/opt/scripts/connection-monitor.sh",
          filter: { stream_patterns: ["live/*"], rate_limit: { max_events: 100, time_window: 60_000 } },
        },
      ],
      webhooks: [
        {
          event_types: ["publish_start", "codec_detected"],
          url: "https://api.example.com/rtmp-events",
          auth: { type: "hmac", secret: "s3cret" },
          filter: { conditions: [{ field: "data.bitrate", operator: "gt", value: 1_000_000 }] },
        },
      ],
      stdio: { format: "json", filter: { min_severity: "info" } },
    });
  });

  test("of the specification needs its variable", () => {
    expect(faultsOf(() => read(sampleFile))).toEqual([
      "f:25: hooks.webhooks[0].auth.secret: variable WEBHOOK_SECRET is not set",
    ]);
  });

  test("may be JSON", () => {
    expect(read('{\n\t"hooks": {\n\t\t"stdio": {"format": "env"}\n\t}\n}').hooks).toEqual({
      stdio: { format: "env" },
    });
  });

  test("may leave everything out, and keys without a value count as left out", () => {
    for (const text of ["{}", "hooks:", "hooks: {}", "hooks:\n  stdio:\n  scripts:\n  admission:\n"])
      expect(read(text).hooks).toEqual({});
  });

  test("may say a thing once, with anchors", () => {
    const { hooks } = read(`
hooks:
  scripts:
    - &all
      event_types: "*"
      script: /bin/true
      retry: &retry { max_attempts: 2 }
    - <<: *all
      script: /bin/false
      retry: { <<: *retry, jitter: off }
`);
    expect(hooks.scripts).toEqual([
      { event_types: ["*"], script: "/bin/true", retry: { max_attempts: 2 } },
      { event_types: ["*"], script: "/bin/false", retry: { max_attempts: 2, jitter: false } },
    ]);
  });

  test("takes numbers, truths, words, sizes and durations from variables", () => {
    const yaml = `
hooks:
  default_config: { concurrency: "$\{N}", timeout: "$\{T:-5s}", egress: "$\{E}", retry: { jitter: "$\{J}" } }
  quality: { cpu_percent: "$\{P}", resident_bytes: "$\{S}" }`;
    const { hooks, variables } = read(yaml, { N: "12", E: "any", J: "No", P: "7.5", S: "2K" });
    expect(hooks).toEqual({
      default_config: { concurrency: 12, timeout: 5_000, egress: "any", retry: { jitter: false } },
      quality: { cpu_percent: 7.5, resident_bytes: 2_048 },
    });
    expect([...variables].sort()).toEqual(["E", "J", "N", "P", "S", "T"]);
  });

  test("takes everything that has a name", () => {
    const { hooks } = read(fullFile);
    expect(Object.keys(hooks.webhooks?.[0] ?? {}).length).toBe(18);
    expect(Object.keys(hooks.scripts?.[0] ?? {}).length).toBe(16);
    expect(hooks.webhooks?.map(({ auth }) => auth?.type)).toEqual([
      "api_key",
      "hmac",
      "jwt",
      "oauth2",
      "basic",
    ]);
    expect(hooks.webhooks?.[0]?.tls?.fingerprint).toBe(Array(32).fill("AB").join(":"));
  });

  test("names the line of whatever is spoken of later", () => {
    const { faultAt } = read(sampleFile, { WEBHOOK_SECRET: "x" });
    expect(faultAt(["hooks", "webhooks", 0, "url"], "no")).toBe("f:22: hooks.webhooks[0].url: no");
    expect(faultAt(["hooks", "webhooks", 0, "timeout"], "no")).toBe("f:21: hooks.webhooks[0].timeout: no");
    expect(faultAt(["hooks", "scripts", 0, "event_types", 1], "no")).toBe(
      "f:12: hooks.scripts[0].event_types[1]: no",
    );
  });

  test("shows no secret when it is printed", () => {
    const printed = JSON.stringify(redact(hooksSection, read(fullFile).hooks));
    expect(printed).not.toContain("hide");
    expect(printed).toContain("https://h/***");
    expect(printed).toContain("/bin/true");
  });
});

describe("a hooks file is refused with line and key:", () => {
  const environment = { EMPTY: "", SECRET: "hunter2" };
  for (const { name, text, faults } of badHookFiles) {
    const first = faults[0] ?? "";
    test(`${name} (${first.substring(0, 60)})`, () => {
      const told = faultsOf(() => read(text, environment));
      expect(told.map((line, index) => line.substring(0, `f:${faults[index] ?? ""}`.length))).toEqual(
        faults.map((fault) => `f:${fault}`),
      );
      expect(told.join("\n")).not.toContain("hunter2");
    });
  }

  test("at least sixty ways are known", () => {
    expect(badHookFiles.length).toBeGreaterThanOrEqual(60);
    expect(new Set(badHookFiles.map(({ text }) => text)).size).toBe(badHookFiles.length);
  });
});

describe("the file of hooks", () => {
  const directory = mkdtempSync(join(tmpdir(), "hook-file-"));
  const path = join(directory, "hooks.yaml");

  test("is read from the disk, with secrets in files of their own", () => {
    writeFileSync(join(directory, "secret"), "from a file\r\n");
    writeFileSync(
      path,
      `hooks:\n  webhooks:\n    - event_types: x\n      url: https://h/\n      auth: {type: api_key, key: "file:$\{D}/secret"}`,
    );
    const { hooks } = loadHookFile(path, { D: directory });
    expect(hooks.webhooks?.[0]?.auth).toEqual({ type: "api_key", key: "from a file" });
    rmSync(join(directory, "secret"));
    expect(faultsOf(() => loadHookFile(path, { D: directory }))[0]).toStartWith(
      `${path}:5: hooks.webhooks[0].auth.key: file "${directory}/secret" cannot be read: ENOENT`,
    );
  });

  test("must be there, be a file, and not be huge", () => {
    expect(faultsOf(() => loadHookFile(`${path}x`, {}))[0]).toStartWith(`"${path}x" cannot be read: ENOENT`);
    expect(faultsOf(() => loadHookFile(directory, {}))).toEqual([
      `"${directory}" is no file, expected YAML or JSON`,
    ]);
    writeFileSync(path, "#".repeat(1_048_577));
    expect(faultsOf(() => loadHookFile(path, {}))).toEqual([
      `${path}: 1048577 bytes, expected at most 1048576`,
    ]);
    rmSync(directory, { recursive: true });
  });

  test("has a schema of its own", () => {
    expect(redact(hookFileSchema, { hooks: { stdio: { format: "json" } } })).toEqual({
      hooks: { stdio: { format: "json" } },
    });
  });
});

/** Every key there is. */
const fullFile = `
hooks:
  default_config:
    timeout: 10s
    concurrency: 100
    retry: { max_attempts: 3, initial_delay: 1s, max_delay: 1m, backoff_strategy: fixed, jitter: yes, retryable_errors: ["429"] }
    delivery: { guarantee_level: at-least-once, confirm_timeout: 5s, dead_letter_url: "http://u:hide@h/", max_age: 2h, ordering: strict }
    egress: public-only
    tls_policy: strict
  scripts:
    - id: a
      enabled: true
      event_types: [publish_start]
      script: /bin/true
      args: [-v]
      mode: stream
      env: { TOKEN: hide }
      env_mode: clean
      cwd: /
      uid: 1
      gid: 1
      filter:
        event_types: [publish_start]
        stream_patterns: ["live/*", "!live/x"]
        require_stream: on
        conditions:
          - { field: data.app, operator: in, value: [a, 1, true] }
          - { field: data.app, operator: exists }
        rate_limit: { max_events: 1, time_window: 1s, burst_size: 2, key: stream, strict: true }
        min_severity: warning
      retry: { max_attempts: 1 }
      delivery: { guarantee_level: none, confirm_timeout: 1s, max_age: 1m, ordering: none }
      timeout: 3s
      concurrency: 2
  webhooks:
    - id: b
      enabled: off
      event_types: ["*"]
      url: "https://hide:hide@h/?k=hide"
      method: PUT
      headers: { X-Token: hide }
      auth: { type: api_key, key: hide, header: X-Key }
      template: raw
      format: seed
      tls:
        ca: "-----BEGIN CERTIFICATE----- hide"
        cert: "-----BEGIN CERTIFICATE----- hide"
        key: "-----BEGIN PRIVATE KEY----- hide"
        fingerprint: ${"ab".repeat(32)}
      proxy: http://hide:hide@p:3128
      egress: any
      tls_policy: off
      filter: { min_severity: info }
      retry: { jitter: no }
      delivery: { ordering: stream }
      timeout: 3s
      concurrency: 2
    - event_types: x
      url: https://h/1hide1hide1hide1hide1hide
      auth: { type: hmac, secret: hide, algorithm: sha256, header: X-S, previous_secret: hide, previous_until: 2030-01-01T00:00:00+01:00, legacy_sign_with: current }
    - event_types: x
      url: https://h/
      auth: { type: jwt, secret: hide, algorithm: HS512, issuer: i, subject: s, audience: a, claims: { c: d }, ttl: 1m }
    - event_types: x
      url: https://h/
      auth: { type: oauth2, client_id: c, client_secret: hide, token_url: "https://h/t", scopes: [a], audience: a }
    - event_types: x
      url: https://h/
      auth: { type: basic, username: u, password: hide }
  stdio: { format: env, prefix: "E: ", stream: both, filter: { min_severity: error } }
  quality:
    enabled: true
    bitrate_change_percent: 1
    framerate_drop_percent: 1
    resolution_change: false
    cpu_percent: 1
    memory_percent: 1
    connections: 1
    queue_depth: 1
    handshake_ms: 1
    processing_ms: 1
    hook_ms: 1
    disk_percent: 1
    open_files_percent: 1
    event_loop_lag_ms: 1
    hook_store_percent: 1
    resident_bytes: 1G
`;
