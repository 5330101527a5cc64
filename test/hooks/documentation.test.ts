import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Glob } from "bun";
import schema from "../../docs/hooks.schema.json";
import { systemClock } from "../../src/base/time.ts";
import { migrationOf } from "../../src/cli/hooks/migrate.ts";
import { hookOptions } from "../../src/config/hook-options.ts";
import { options, readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { catalogueTable } from "../../src/hooks/event/catalogue-table.ts";
import { flagHooksOf } from "../../src/hooks/settings/flag-settings.ts";
import { hookFlagsOf } from "../../src/hooks/settings/hook-flags.ts";
import { lintHooks } from "../../src/hooks/settings/lint.ts";
import { parseHookFile } from "../../src/hooks/settings/load-hook-file.ts";
import { resolveHookSettings } from "../../src/hooks/settings/resolve-settings.ts";
import { HmacSignature } from "../../src/hooks/webhook/hmac-signature.ts";
import { commandLinesOf, shellWords } from "../shell-words.ts";

const root = join(import.meta.dir, "../..");
const page = join(root, "docs/hooks.md");
const marks = { begin: "<!-- catalogue -->\n", end: "\n<!-- end of catalogue -->" };

/** Every page about hooks, and those that show a command of theirs. */
const pages = [
  ...readdirSync(join(root, "docs"))
    .filter((name) => /^hooks.*\.md$/.test(name))
    .map((name) => join(root, "docs", name)),
  join(root, "README.md"),
  join(root, "docs/examples/hooks.yaml"),
].map((path) => ({ name: basename(path), text: readFileSync(path, "utf8") }));

const hookPages = pages.filter(({ name }) => name.startsWith("hooks") && name.endsWith(".md"));
const allText = hookPages.map(({ text }) => text).join("\n");

/** The fenced blocks of a language. */
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, block = ""]) => block,
  );

/** Everything in `/run/secrets` that the pages speak of, in a directory of ours. */
class Secrets implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "hook-docs-"));

  /** `text` with files that are there. */
  provide(text: string): string {
    for (const [, name = ""] of text.matchAll(/\/run\/secrets\/([\w.-]+)/g)) {
      const content = name.endsWith(".pem")
        ? "-----BEGIN PRIVATE KEY-----\n"
        : `${name}, a secret of many bytes\n`;
      writeFileSync(join(this.#directory, name), content);
    }
    return text.replaceAll("/run/secrets", this.#directory);
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/** Variables that the pages have somebody export. */
const environment = {
  PANEL_SECRET: "the secret of the panel, long enough",
  RTMP_HOOK_SECRET: "the secret of the hook, long enough",
  ARCHIVE_KEY: "the key of the archive",
  OLD_PASSWORD: "a password",
  DISCORD_URL: "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyzABCDEFGH",
};

const files = [
  ...pages.flatMap(({ name, text }) =>
    blocksOf(text, "yaml").map((block, index) => ({ name: `block ${index + 1} of ${name}`, text: block })),
  ),
  { name: "docs/examples/hooks.yaml", text: readFileSync(join(root, "docs/examples/hooks.yaml"), "utf8") },
];

/** Command lines that are about hooks, or about the server that has them. */
const commands = pages.flatMap(({ name, text }) =>
  commandLinesOf(text)
    .filter((line) => !line.startsWith("orchestrate "))
    .map((line) => ({ name: `rtmp-server ${line} (${name})`, line })),
);

/** The flags of a command line. */
const flagsIn = (line: string): string[] => shellWords(line).filter((word) => word.startsWith("--"));

const helps = new Map<string, string>();

/** What `--help` says behind the words of a command. */
const helpOf = (words: string): string => {
  const known = helps.get(words);
  if (known !== undefined) return known;
  const command = [process.execPath, join(root, "src/main.ts"), ...words.split(" "), "--help"];
  const { stdout, exitCode } = Bun.spawnSync(command, { stdout: "pipe", timeout: 20_000 });
  if (exitCode !== 0) throw new Error(`${words} --help: exit status ${exitCode}`);
  helps.set(words, stdout.toString());
  return stdout.toString();
};

/** Whether a command of `hooks` knows a flag: one of its own, or where it takes those of the server one of these. */
const isFlagOf = (line: string, flag: string): boolean => {
  const words = /^hooks(?: dlq)? [a-z]+/.exec(line)?.[0] ?? line;
  const help = helpOf(words);
  if (!help.startsWith(`rtmp-server ${words}:`)) return false;
  const isOfServer = help.includes("FLAGS") && options.some((each) => `--${each.flag}` === flag);
  return flag === "--help" || isOfServer || help.includes(`  ${flag} `);
};

describe("the pages about hooks", () => {
  test("hold the catalogue as the code has it (UPDATE_DOCS=1 writes it anew)", async () => {
    const text = await Bun.file(page).text();
    const from = text.indexOf(marks.begin) + marks.begin.length;
    const to = text.indexOf(marks.end);
    if (process.env.UPDATE_DOCS) {
      await Bun.write(page, text.substring(0, from) + catalogueTable() + text.substring(to));
      return;
    }
    expect(text.substring(from, to)).toBe(catalogueTable());
  });

  test("have blocks and commands to check", () => {
    expect(files.length).toBeGreaterThan(6);
    expect(commands.length).toBeGreaterThan(10);
  });

  for (const { name, text } of files) {
    test(`show a hooks file that nothing is odd about: ${name}`, () => {
      using secrets = new Secrets();
      const { hooks, faultAt } = parseHookFile(secrets.provide(text), { name, environment });
      const settings = resolveHookSettings({ file: hooks }, { now: Date.now(), faultAt });
      expect(lintHooks(settings)).toEqual([]);
    });
  }

  for (const { name, line } of commands) {
    test(`show a command that is accepted: ${name}`, () => {
      using secrets = new Secrets();
      const [first = "", second = "", ...rest] = shellWords(secrets.provide(line));
      if (first !== "hooks") {
        // A file of the reader's own is not here.
        const args = shellWords(secrets.provide(line)).filter((arg) => arg !== "mediamtx.yml");
        const config = readConfig(readServerFlags(args));
        const { file, warnings } = flagHooksOf(hookFlagsOf(config.hooks));
        expect(warnings).toEqual([]);
        if (file.webhooks) resolveHookSettings({ flags: file }, { now: 0 });
      } else if (second === "migrate") expect(migrationOf(rest).text).toContain("hooks:");
      else expect(["--help", ...flagsIn(line)].filter((flag) => !isFlagOf(line, flag))).toEqual([]);
    });
  }

  test("name every flag about hooks, and no other", () => {
    const known = options.map(({ flag }) => `--${flag}`);
    const wanted = Object.values(hookOptions).map(({ flag }) => `--${flag}`);
    const named = new Set(
      [...allText.matchAll(/--(?:hook|metrics)-[a-z0-9-]*[a-z0-9]/g)].map(([flag]) => flag),
    );
    expect(wanted.filter((flag) => !named.has(flag))).toEqual([]);
    // `--hook-auth-...` stands for all that begin so.
    expect(
      [...named].filter((flag) => !known.some((each) => each === flag || each.startsWith(`${flag}-`))),
    ).toEqual([]);
  });

  test("name every key of the hooks file", () => {
    const keys = keysOf(schema);
    expect(keys.size).toBeGreaterThan(50);
    expect([...keys].filter((key) => !allText.includes(`\`${key}\``))).toEqual([]);
  });

  test("name every metric of hooks, and none that there is not", () => {
    const namesIn = (pattern: string): string[] =>
      [...new Glob(pattern).scanSync(join(root, "src"))]
        .map((file) => readFileSync(join(root, "src", file), "utf8"))
        .filter((text) => text.includes("metric"))
        .flatMap((text) => [...text.matchAll(/"((?:rtmp|process)_[a-z_]+)"/g)].map(([, name = ""]) => name));
    const named = [...allText.matchAll(/\b(?:rtmp|process)_[a-z_]+\b/g)].map(([name]) => name);
    const ofHooks = namesIn("hooks/**/*.ts");
    expect(ofHooks.length).toBeGreaterThan(20);
    expect(ofHooks.filter((name) => !named.includes(name))).toEqual([]);
    const known = namesIn("**/*.ts");
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("link to pages, files and headings that are there", () => {
    for (const { name, text } of hookPages) {
      for (const [, target = "", anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
        const path = join(root, "docs", target === "" ? name : target);
        expect(readdirSync(join(path, "..")), `${name} links to ${target}`).toContain(basename(path));
        if (anchor !== undefined)
          expect(anchorsOf(path), `${name} links to ${target}#${anchor}`).toContain(anchor);
      }
    }
  });
});

/** All keys that a schema's mappings may have, but those that can only be refused. */
const keysOf = (node: unknown, keys = new Set<string>()): Set<string> => {
  if (typeof node !== "object" || node === null) return keys;
  if ("properties" in node)
    for (const [key, inner] of Object.entries(node.properties as Record<string, { not?: unknown }>))
      if (!inner.not) keys.add(key);
  for (const inner of Object.values(node)) keysOf(inner, keys);
  return keys;
};

const anchorsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );

describe("a receiver on the page about signatures", () => {
  const text = hookPages.find(({ name }) => name === "hooks-security.md")?.text ?? "";
  const secrets = ["a plain secret, long enough for all", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];

  /** What is asked of a receiver, and what it is to answer. */
  const questions = async () => {
    const now = Math.floor(systemClock.date().getTime() / 1_000);
    const asked = [];
    for (const secret of secrets) {
      const rotating = {
        secret,
        previousSecret: "what was the secret before this one",
        previousUntil: undefined,
      };
      const signature = new HmacSignature(
        { type: "hmac", algorithm: "sha256", header: "X-Signature", legacySignWith: "previous", ...rotating },
        systemClock,
      );
      const body = '{"type":"publish_start","stream_key":"live/ü"}';
      const sent = { id: "evt_1", body: Buffer.from(body) };
      const headers = { "webhook-id": "evt_1", ...Object.fromEntries(await signature.headersFor(sent)) };
      const question = { headers, body, secret, now };
      asked.push(
        { ...question, expected: true },
        { ...question, secret: rotating.previousSecret, expected: true },
        { ...question, now: now + 290, expected: true },
        { ...question, now: now + 310, expected: false },
        { ...question, now: now - 310, expected: false },
        { ...question, body: `${body} `, expected: false },
        { ...question, secret: "somebody else's secret", expected: false },
        { ...question, headers: { ...headers, "webhook-id": "evt_2" }, expected: false },
        { ...question, headers: { ...headers, "webhook-signature": "v1," }, expected: false },
        { ...question, headers: {}, expected: false },
      );
    }
    return asked;
  };

  /** Runs a program that answers the questions in `questions.json`, with a list of true and false. */
  const answersOf = async (command: string[], sources: Record<string, string>): Promise<unknown> => {
    const directory = mkdtempSync(join(tmpdir(), "hook-receiver-"));
    try {
      for (const [name, source] of Object.entries(sources)) writeFileSync(join(directory, name), source);
      const child = Bun.spawnSync(command, {
        cwd: directory,
        stdout: "pipe",
        stderr: "inherit",
        timeout: 20_000,
      });
      return JSON.parse(child.stdout.toString());
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  test("tells what was signed just now from everything else, in JavaScript", async () => {
    const asked = await questions();
    const ask = `import { isAuthentic } from "./receiver.mjs"; import { readFileSync } from "node:fs";
      const asked = JSON.parse(readFileSync("questions.json", "utf8"));
      const answers = asked.map(({ headers, body, secret, now }) => isAuthentic(headers, Buffer.from(body), secret, now));
      console.log(JSON.stringify(answers));`;
    const [source = ""] = blocksOf(text, "js");
    const given = { "receiver.mjs": source, "ask.mjs": ask, "questions.json": JSON.stringify(asked) };
    expect(await answersOf([process.execPath, "ask.mjs"], given)).toEqual(
      asked.map(({ expected }) => expected),
    );
  });

  test.skipIf(!Bun.which("python3"))(
    "tells what was signed just now from everything else, in Python",
    async () => {
      const asked = await questions();
      const ask = `import json
from receiver import is_authentic
asked = json.load(open("questions.json", encoding="utf-8"))
print(json.dumps([is_authentic(each["headers"], each["body"].encode(), each["secret"], each["now"]) for each in asked]))`;
      const [source = ""] = blocksOf(text, "python");
      const given = { "receiver.py": source, "ask.py": ask, "questions.json": JSON.stringify(asked) };
      expect(await answersOf(["python3", "ask.py"], given)).toEqual(asked.map(({ expected }) => expected));
    },
  );
});
