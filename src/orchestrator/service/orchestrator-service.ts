import type { Logger } from "../../base/log.ts";
import { MetricsRegistry } from "../../base/metrics.ts";
import type { Clock } from "../../base/time.ts";
import { StartQueue } from "../../commands/start-queue.ts";
import { parseHttpAddress } from "../../http/address.ts";
import { HttpServer } from "../../http/server.ts";
import { DirectoryLock } from "../../sqlite/directory-lock.ts";
import { type House, steadyTime } from "../house.ts";
import { orchestratorResources } from "../http/resources.ts";
import { Orchestrator } from "../orchestrator.ts";
import { OrchestratorMetrics } from "../orchestrator-metrics.ts";
import { Plan } from "../plan.ts";
import { SystemStarter } from "../process/living-process.ts";
import { LinuxProcessTable } from "../process/process-table.ts";
import { ControlApiPaths } from "../server-paths.ts";
import type { LoadedOrchestratorConfig } from "../settings/load.ts";
import { StateStore } from "../store/state-store.ts";

/** What a service runs with. */
export interface ServiceParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** What processes inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An orchestrator that listens. */
export interface OrchestratorService {
  /** The port that is listened on; 0 for a Unix socket. */
  readonly port: number;
  /** Takes no more events, ends all processes, and lets go of the state. */
  stop(): Promise<boolean>;
}

/** How long requests under way may take at the end, in milliseconds. */
const drainMs = 1_000;

/**
 * Starts an orchestrator: takes its directory, takes up what one before it has left, and listens.
 * @throws ConfigError where the directory is another's or cannot be used, TransportError DISK and LISTEN
 */
export const startOrchestratorService = (
  { config, withheld }: LoadedOrchestratorConfig,
  { clock, log, env }: ServiceParts,
): OrchestratorService => {
  const plan = new Plan(config);
  const table = new LinuxProcessTable();
  const lock = DirectoryLock.take(config.dataDir, {
    file: "orchestrator.lock",
    owner: "orchestrator",
    contents: "its state",
  });
  const store = StateStore.open(config.dataDir, { log, now: clock.date() });
  const registry = new MetricsRegistry({ clock, log });
  const house: House = {
    clock,
    now: steadyTime(clock),
    log,
    store,
    starter: new SystemStarter({ clock, table }),
    // Here no media wait, only answers.
    queue: new StartQueue({ clock, turnMs: 20 }),
    metrics: new OrchestratorMetrics(registry),
  };
  const { api, apiFingerprint: fingerprint } = config;
  const paths = api === "" ? undefined : new ControlApiPaths({ api, fingerprint, clock });
  const inheritance = { env, withheld, instance: store.instance };
  const orchestrator = new Orchestrator({ house, plan, inheritance, table, paths });
  registry.collect(() => orchestrator.metrics());
  const resources = orchestratorResources({ orchestrator, plan, metrics: registry, clock, log });
  // Before anything is started: where the address cannot be had nothing has happened.
  const server = new HttpServer({
    address: parseHttpAddress(config.address),
    resources,
    maxBodyBytes: 64 * 1024,
    name: "rtmp-server orchestrate",
    clock,
    log,
  });
  orchestrator.start();
  return {
    port: server.port,
    stop: async () => {
      await server.stop(drainMs);
      await orchestrator.stop();
      store.close();
      lock.release();
      return true;
    },
  };
};
