import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { TempDirectory } from "./harness/directory.ts";
import { HookReceiver } from "./harness/hook-receiver.ts";
import { accepts } from "./harness/nginx.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { freePort } from "./harness/port.ts";
import { Program } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";

/** Something on a port that `answer` makes of each connection. */
const peer = async (answer: (socket: Socket) => void): Promise<{ url: string } & Disposable> => {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", () => answer(socket));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  listener.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = listener.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`,
    [Symbol.dispose]: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

/** One byte of an answer's head every 50 ms, without end. */
const dribble = (socket: Socket): void => {
  const text = "HTTP/1.1 200 OK\r\nX-Filler: ";
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++] ?? "x"), 50);
  socket.on("close", () => clearInterval(timer));
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A process that has ended stays in the table until its parent looks.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** How long a healthy hook may take beside the others, in milliseconds. */
const onTimeMs = 1_500;

describe("beside hooks that fail in every way", () => {
  test("another one runs on time, and each failure is one line of the log", async () => {
    using directory = new TempDirectory();
    const script = (name: string, text: string, mode = 0o755): string => {
      const path = directory.file(name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    };
    const pids = directory.file("pids");
    using silent = await peer(() => undefined);
    using angry = await peer((socket) =>
      socket.end("HTTP/1.1 500 Broken\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsick"),
    );
    using slow = await peer(dribble);
    await using receiver = new HookReceiver();

    const scripts = [
      script("hang.sh", `#!/bin/sh\necho $$ >>${pids}\nexec sleep 60\n`),
      script("fork.sh", `#!/bin/sh\nsleep 60 &\necho $! >>${pids}\nsleep 60 &\necho $! >>${pids}\nwait\n`),
      script("plain.sh", `#!/bin/sh\necho plain >>${directory.file("ran")}\n`, 0o644),
      script("bare.sh", `echo bare >>${directory.file("ran")}\n`),
      script("lost.sh", "#!/nowhere/interpreter\n"),
      script("three.sh", "#!/bin/sh\necho sorry >&2\nexit 3\n"),
    ];
    const webhooks = [silent.url, angry.url, slow.url, receiver.url];
    await using server = await Server.start({
      flags: [
        ...["--hook-timeout", "1s"],
        ...scripts.flatMap((path) => ["--hook-script", `publish_start=${path}`]),
        ...webhooks.flatMap((url) => ["--hook-webhook", `publish_start=${url}`]),
      ],
    });
    const startedAt = performance.now();
    {
      using _publisher = await OwnPublisher.connect(server.url("live/test"));
      const { atMs } = await receiver.delivery("publish_start");
      expect(atMs - startedAt).toBeLessThan(onTimeMs);
      await server.line({ msg: "Hook execution failed" }, { nth: 7 });
    }
    // Whatever would be told twice has had time to be.
    await Bun.sleep(500);
    const failures = new Map(
      server
        .matching({ msg: "Hook execution failed" })
        .map((line) => [String(line.hook_id), `${line.error} ${line.detail ?? ""}`.trim()]),
    );
    expect(server.matching({ msg: "Hook execution failed" }).length).toBe(7);
    expect(Object.fromEntries(failures)).toEqual({
      shell_0: expect.stringMatching(/^no exit within 1000 ms, stopped$/),
      shell_1: expect.stringMatching(/^no exit within 1000 ms, stopped$/),
      shell_4: expect.stringContaining("or the program its first line names is not"),
      shell_5: "exit status 3, expected 0 sorry",
      webhook_0: "timed out after 1s",
      webhook_1: "status 500 Broken sick",
      webhook_2: "timed out after 1s",
    });
    expect(
      server
        .matching({ msg: "Hook executed" })
        .map(({ hook_id }) => hook_id)
        .sort(),
    ).toEqual(["shell_2", "shell_3", "webhook_3"]);
    expect(readFileSync(directory.file("ran"), "utf8").split("\n").sort()).toEqual(["", "bare", "plain"]);
    const left = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(left.length).toBe(3);
    expect(left.filter(isAlive)).toEqual([]);
  });
});

describe("a hook that cannot be", () => {
  for (const { name, flags, says } of [
    {
      name: "an event that there is not",
      flags: ["--hook-script", `publish_strat=${import.meta.path}`],
      says: /--hook-script: .*publish_strat.*publish_start/,
    },
    {
      name: "a binding without an event",
      flags: ["--hook-script", "hooks/notify-start.sh"],
      says: /--hook-script: .*no =, expected EVENT=/,
    },
    {
      name: "a script that is not there",
      flags: ["--hook-script", "publish_start=/nowhere/start.sh"],
      says: /--hook-script: "\/nowhere\/start\.sh" is no file, expected a script/,
    },
    {
      name: "a URL of another protocol",
      flags: ["--hook-webhook", "publish_start=ftp://127.0.0.1/x"],
      says: /--hook-webhook: .*is no webhook URL, expected http\[s\]:\/\//,
    },
    {
      name: "an unknown format",
      flags: ["--hook-stdio-format", "xml"],
      says: /--hook-stdio-format: "xml", expected .*json.*env/,
    },
    {
      name: "no executions at once",
      flags: ["--hook-concurrency", "0"],
      says: /--hook-concurrency: "0", expected .*1 to 1000/,
    },
    {
      name: "a timeout without a unit",
      flags: ["--hook-timeout", "soon"],
      says: /--hook-timeout: .*soon/,
    },
  ]) {
    test(`for ${name}: one line that says so, exit code 2, and nothing listens`, async () => {
      const port = freePort();
      await using program = new Program([...serverCommand, "--listen", `127.0.0.1:${port}`, ...flags]);
      const { code, out, err } = await program.exit(10_000);
      expect(err.trimEnd()).toMatch(says);
      expect({ code, out, lines: err.split("\n").length - 1 }).toEqual({ code: 2, out: "", lines: 1 });
      expect(err).toStartWith("rtmp-server: ");
      expect(await accepts(port)).toBe(false);
    });
  }
});
