import { createHash } from "node:crypto";
import type { LogFields } from "../base/log.ts";
import { ownCommand } from "../process/own-command.ts";
import { childEnvironment } from "./child-environment.ts";
import type { Job } from "./kept-process.ts";
import type { KeeperPolicy } from "./machine/keeper.ts";
import { fillIn, type StreamId } from "./machine/path-template.ts";
import type { Plan, Target } from "./plan.ts";
import { type Exit, exitText } from "./process/living-process.ts";
import { lastWords } from "./process/output-file.ts";
import type { Inheritance } from "./worker-job.ts";

/** What a {@link forwarderJob} is about. */
export interface ForwarderJobOptions {
  readonly id: StreamId;
  readonly target: Target;
  readonly plan: Plan;
  readonly inheritance: Inheritance;
  readonly fields: () => LogFields;
}

/** Exit codes after which another try would end the same way, as `rtmp-server forward` has them. */
const hopelessCodes: Readonly<Record<number, string>> = {
  64: "it was started in a way it does not understand",
  77: "a side refuses these credentials",
  78: "its configuration cannot be used",
};

/** What other programs say where a target refuses credentials. It has to be this clear: a target that is only busy is tried again. */
const refusalWords =
  /\b401 Unauthorized\b|\b403 Forbidden\b|HTTP error 40[13]\b|NetStream\.Publish\.(?:Denied|Unauthorized)|AccessManager\.Reject|authentication (?:failed|error|required)|not authori[sz]ed/i;

/** What is behind the application of a URL, who is in front of its host, and whole texts of it: all of that must be seen nowhere. */
const secretsOf = (url: string): readonly string[] => {
  const [, name = ""] = /^\w+:\/\/[^/]*\/[^/?]*\/(.*)$/s.exec(url) ?? [];
  const [, user = ""] = /^\w+:\/\/([^/]*)@/.exec(url) ?? [];
  const [key = ""] = name.split("?");
  const [, password = ""] = /:(.*)$/s.exec(user) ?? [];
  return [url, name, key, user, password];
};

/** The push of one stream to one target as a job. Its credentials are in its environment alone. */
export const forwarderJob = ({ id, target, plan, inheritance, fields }: ForwarderJobOptions): Job => {
  const { command, env, source, stopTimeout } = plan.config.forwarder;
  const url = plan.urlFor(id, target);
  const values = { streamId: id, path: plan.processed?.pathOf(id) ?? "" };
  const isOwn = command.length === 0;
  return {
    role: "forwarder",
    output: plan.forwarderOutput(id, target.name),
    graceMs: stopTimeout,
    digest: createHash("sha256").update(url).digest("hex"),
    command: (launch) => {
      const own = Object.entries(env).map(([name, value]) => [name, fillIn(value, values)]);
      return {
        command: isOwn ? [...ownCommand(), "forward"] : command.map((word) => fillIn(word, values)),
        env: childEnvironment({
          inherited: inheritance.env,
          withheld: inheritance.withheld,
          instance: inheritance.instance,
          own: {
            ...Object.fromEntries(own),
            FORWARD_SOURCE: fillIn(source, values),
            FORWARD_TARGET: url,
          },
          launch,
          key: { stream: id, target: target.name },
        }),
      };
    },
    verdictOn: (exit, output) => {
      const words = lastWords(output, [...secretsOf(url), ...secretsOf(source)]);
      const said = words === "" ? exitText(exit) : `${exitText(exit)}: ${words}`;
      const hopeless = hopelessReason(exit, isOwn ? "" : output);
      if (hopeless === undefined) return { kind: "failure", error: said };
      return { kind: "hopeless", error: `${hopeless} (${said})` };
    },
    refusal: () => undefined,
    fields,
  };
};

const hopelessReason = ({ code }: Exit, output: string): string | undefined => {
  if (code === null || code === 0) return undefined;
  return hopelessCodes[code] ?? (refusalWords.test(output) ? hopelessCodes[77] : undefined);
};

/** How forwarders are kept running: for ever, while there is something to push. */
export const forwarderPolicy: KeeperPolicy = {
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  healthyMs: 60_000,
  spread: (ms) => ms * (0.8 + 0.4 * Math.random()),
};
