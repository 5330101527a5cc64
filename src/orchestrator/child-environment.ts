import { launchVariable } from "./process/living-process.ts";
import type { ProcessKey } from "./store/state-store.ts";

/** The variable by whose value all processes of one state are found. */
export const instanceVariable = "ORCHESTRATOR_INSTANCE";

/** What {@link childEnvironment} is made of. */
export interface ChildEnvironmentOptions {
  /** The environment of this process. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Names of it that are nobody else's business. */
  readonly withheld: ReadonlySet<string>;
  /** What the process is given beside it. */
  readonly own: Readonly<Record<string, string>>;
  readonly instance: string;
  readonly launch: string;
  readonly key: ProcessKey;
}

/** The environment of a worker or forwarder, with what it is found again by. */
export const childEnvironment = (options: ChildEnvironmentOptions): Record<string, string> => {
  const { inherited, withheld, own, instance, launch, key } = options;
  const kept = Object.entries(inherited).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !withheld.has(pair[0]),
  );
  return {
    ...Object.fromEntries(kept),
    ...own,
    [instanceVariable]: instance,
    [launchVariable]: launch,
    ORCHESTRATOR_STREAM: key.stream,
    ORCHESTRATOR_TARGET: key.target,
    ORCHESTRATOR_ROLE: key.target === "" ? "worker" : "forwarder",
  };
};
