import { secretsOfQuery } from "../base/hide-secrets.ts";
import type { LogFields } from "../base/log.ts";
import { childEnvironment } from "./child-environment.ts";
import type { Job } from "./kept-process.ts";
import type { KeeperPolicy } from "./machine/keeper.ts";
import { fillIn, type StreamId } from "./machine/path-template.ts";
import type { Source } from "./machine/presence.ts";
import type { Plan } from "./plan.ts";
import { exitText } from "./process/living-process.ts";
import { lastWords } from "./process/output-file.ts";

/** What processes of an orchestrator inherit. */
export interface Inheritance {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly withheld: ReadonlySet<string>;
  /** Of the state. */
  readonly instance: string;
}

/** What a {@link workerJob} is about. */
export interface WorkerJobOptions {
  readonly id: StreamId;
  readonly plan: Plan;
  readonly inheritance: Inheritance;
  /** Who feeds the stream. */
  readonly source: () => Source | undefined;
  readonly refusal: () => string | undefined;
  readonly fields: () => LogFields;
}

/** The worker of a stream as a job. */
export const workerJob = (options: WorkerJobOptions): Job => {
  const { id, plan, inheritance, source, refusal, fields } = options;
  const { command, env, stopTimeout } = plan.config.worker;
  /** That of the source it was started for: by the time it ends another one may be there. */
  let toldQuery = "";
  const placeholders = (): Readonly<Record<string, string>> => {
    const { query = "", type = "", id: sourceId = "" } = source() ?? {};
    toldQuery = query;
    return { streamId: id, path: plan.ingest.pathOf(id), query, sourceType: type, sourceId };
  };
  return {
    role: "worker",
    output: plan.workerOutput(id),
    graceMs: stopTimeout,
    // Where the configuration has changed it goes on as it was: nobody's stream is cut for that.
    digest: "",
    command: (launch) => {
      const values = placeholders();
      const own = Object.entries(env).map(([name, value]) => [name, fillIn(value, values)]);
      return {
        command: command.map((word) => fillIn(word, values)),
        env: childEnvironment({
          inherited: inheritance.env,
          withheld: inheritance.withheld,
          instance: inheritance.instance,
          own: Object.fromEntries(own),
          launch,
          key: { stream: id, target: "" },
        }),
      };
    },
    verdictOn: (exit, output) => {
      const { query = "" } = source() ?? {};
      const words = lastWords(output, [query, toldQuery].flatMap(secretsIn));
      return { kind: "failure", error: words === "" ? exitText(exit) : `${exitText(exit)}: ${words}` };
    },
    refusal,
    fields,
  };
};

const secretsIn = (query: string): string[] => [query, ...secretsOfQuery(query)];

/** How workers are kept running. Without an API nobody can say that one does not do its work. */
export const workerPolicy = ({ config: { worker, api, processed } }: Plan): KeeperPolicy => ({
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  healthyMs: 60_000,
  giveUp: { failures: 10, withinMs: 600_000 },
  ...(api !== "" && processed !== "" && worker.readyTimeout > 0 && { readyMs: worker.readyTimeout }),
});
