import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TransportError } from "../../src/base/errors.ts";
import { MetricsRegistry } from "../../src/base/metrics.ts";
import { StartQueue } from "../../src/commands/start-queue.ts";
import { type House, steadyTime } from "../../src/orchestrator/house.ts";
import type { StreamId } from "../../src/orchestrator/machine/path-template.ts";
import type { Source } from "../../src/orchestrator/machine/presence.ts";
import { Orchestrator, type Outcome, type StreamEvent } from "../../src/orchestrator/orchestrator.ts";
import { OrchestratorMetrics } from "../../src/orchestrator/orchestrator-metrics.ts";
import { Plan } from "../../src/orchestrator/plan.ts";
import type {
  Exit,
  LaunchOrder,
  LivingProcess,
  Orphan,
  ProcessStarter,
} from "../../src/orchestrator/process/living-process.ts";
import type { FoundProcess, ProcessId, ProcessTable } from "../../src/orchestrator/process/process-table.ts";
import type { SeenPath, ServerPaths } from "../../src/orchestrator/server-paths.ts";
import { loadOrchestratorConfig } from "../../src/orchestrator/settings/load.ts";
import { StateStore } from "../../src/orchestrator/store/state-store.ts";
import type { StreamKeeping } from "../../src/orchestrator/stream-keeping.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";

/** A process that only looks like one. */
export class FakeProcess {
  readonly id: ProcessId;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** Ends at once when it is asked to. */
  isObedient = true;
  stops = 0;
  isAlive = true;
  readonly #end = Promise.withResolvers<Exit>();

  constructor(id: ProcessId, { command, env }: Pick<LaunchOrder, "command" | "env">) {
    this.id = id;
    this.command = command;
    this.environment = env;
  }

  get ended(): Promise<Exit> {
    return this.#end.promise;
  }

  end(exit: Partial<Exit> = {}): void {
    this.isAlive = false;
    this.#end.resolve({ code: null, signal: null, ...exit });
  }

  stop(): void {
    this.stops++;
    if (this.isObedient) this.end({ signal: "SIGTERM" });
  }
}

/** The machine on which processes live; it outlives orchestrators. */
export class FakeMachine implements ProcessStarter, ProcessTable {
  readonly processes: FakeProcess[] = [];
  /** What is thrown instead of starting something. */
  fault: Error | undefined;
  /** Numbers of processes that are to come. */
  #next = 100;
  adopted = 0;
  readonly killed: number[] = [];

  get living(): readonly FakeProcess[] {
    return this.processes.filter(({ isAlive }) => isAlive);
  }

  /** The living process of a stream. */
  of(stream: string, target = ""): FakeProcess {
    const found = this.living.find(
      ({ environment }) =>
        environment.ORCHESTRATOR_STREAM === stream && environment.ORCHESTRATOR_TARGET === target,
    );
    if (!found) throw new Error(`no process of ${stream} ${target}`);
    return found;
  }

  spawn(order: Pick<LaunchOrder, "command" | "env">): FakeProcess {
    const process = new FakeProcess({ pid: this.#next++, startTime: this.#next * 7, boot: "b" }, order);
    this.processes.push(process);
    return process;
  }

  start(order: LaunchOrder): LivingProcess {
    if (this.fault) throw this.fault;
    return this.#living(this.spawn(order), false);
  }

  adopt({ id }: Orphan): LivingProcess {
    this.adopted++;
    const process = this.processes.find((each) => each.id.pid === id.pid);
    if (!process) throw new Error(`adopted ${id.pid}, which never was`);
    return this.#living(process, true);
  }

  identify(pid: number): ProcessId | undefined {
    return this.living.find(({ id }) => id.pid === pid)?.id;
  }

  isAlive(id: ProcessId): boolean {
    return this.identify(id.pid)?.startTime === id.startTime;
  }

  withVariable(name: string, value: string): readonly FoundProcess[] {
    return this.living
      .filter(({ environment }) => environment[name] === value)
      .map(({ id, environment }) => ({ id, group: id.pid, environment }));
  }

  kill({ pid }: ProcessId): void {
    this.killed.push(pid);
    this.living.find(({ id }) => id.pid === pid)?.end({ signal: "SIGKILL" });
  }

  #living(process: FakeProcess, isAdopted: boolean): LivingProcess {
    return { id: process.id, isAdopted, ended: process.ended, stop: () => process.stop() };
  }
}

/** A media server that says what a test wants. */
export class FakeServer implements ServerPaths {
  readonly paths = new Map<string, string>();
  isReachable = true;
  asked = 0;
  /** Paths that the list leaves out though they are there. */
  readonly overlooked = new Set<string>();
  /** Resolves before an answer that was asked for is given. */
  answer: Promise<void> = Promise.resolve();

  async ready(): Promise<readonly SeenPath[]> {
    this.asked++;
    if (!this.isReachable) throw new TransportError("CONNECT", "no connection could be made");
    const list = [...this.paths]
      .filter(([name]) => !this.overlooked.has(name))
      .map(([name, id]) => ({ name, source: { id, type: "rtmpConn", query: "" } }));
    await this.answer;
    return list;
  }

  queryOf({ id }: Source): Promise<string> {
    return Promise.resolve(`from=${id.substring(0, 4)}`);
  }

  isReady(name: string): Promise<boolean> {
    return Promise.resolve(this.paths.has(name));
  }
}

/** Lets what has been resolved go on. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

/** An orchestrator on a fake machine, which may die and be followed by another one on the same state. */
export class Workshop implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "rtmp-orchestrator-"));
  readonly clock = new FakeClock();
  readonly machine = new FakeMachine();
  readonly log = new KeptLog();
  readonly server: FakeServer | undefined;
  /** Lines of the configuration file that the next orchestrator reads. */
  settings: string;
  store!: StateStore;
  orchestrator!: Orchestrator;
  registry!: MetricsRegistry;
  #requests = 0;

  /** `settings` are lines of a configuration file beside the command of the worker. */
  constructor({ settings = "", hasServer = true }: { settings?: string; hasServer?: boolean } = {}) {
    this.server = hasServer ? new FakeServer() : undefined;
    this.settings = settings;
    this.boot();
  }

  /** Starts an orchestrator on the state. */
  boot(): void {
    const { clock, log, machine } = this;
    const text = `dataDir: ${this.directory}\n${this.server ? "" : "api: ''\n"}${this.settings.includes("worker:") ? "" : 'worker: { command: [work, "{streamId}", "{path}", "{query}", "{sourceId}"], env: { INPUT: "rtsp://x/{path}" } }\n'}${this.settings}`;
    const { config, withheld } = loadOrchestratorConfig({ file: { text, name: "o.yaml" }, environment: {} });
    this.store = StateStore.open(this.directory, { log, now: clock.date() });
    this.registry = new MetricsRegistry({ clock, log });
    const house: House = {
      ...{ clock, log, store: this.store, starter: machine },
      now: steadyTime(clock),
      queue: new StartQueue({ clock }),
      metrics: new OrchestratorMetrics(this.registry),
    };
    this.orchestrator = new Orchestrator({
      house,
      plan: new Plan(config),
      inheritance: {
        env: { PATH: "/bin", SECRET: "s" },
        withheld: new Set([...withheld, "SECRET"]),
        instance: this.store.instance,
      },
      table: machine,
      paths: this.server,
    });
    this.orchestrator.start();
  }

  /** The orchestrator is gone from one moment to the next; processes go on. */
  crash(): void {
    this.orchestrator.abandon();
    this.store.close();
  }

  tell(
    kind: StreamEvent["kind"],
    path: string,
    id = "",
    more: { query?: string; at?: number } = {},
  ): Outcome {
    return this.orchestrator.event({
      ...{ kind, path, at: more.at, requestId: `r${++this.#requests}` },
      source: { id, type: "rtmpConn", query: more.query ?? "" },
    });
  }

  stream(id: string): StreamKeeping {
    const stream = this.orchestrator.stream(id as StreamId);
    if (!stream) throw new Error(`no stream ${id}`);
    return stream;
  }

  /** Lets time pass, a second at a time, so that answers come in between. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds * 1_000; left > 0; left -= 1_000) {
      this.clock.advance(Math.min(1_000, left));
      await settled();
    }
  }

  /** Lets what is due now happen. */
  async turn(): Promise<void> {
    for (let count = 0; count < 3; count++) {
      this.clock.advance(0);
      await settled();
    }
  }

  [Symbol.dispose](): void {
    this.crash();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
