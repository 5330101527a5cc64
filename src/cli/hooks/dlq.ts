import { type CommandDef, defineCommand } from "citty";
import { ConfigError, TransportError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { systemClock } from "../../base/time.ts";
import { type DeadLetter, type DeadLetterFilter, DeadLetters } from "../../hooks/store/dead-letters.ts";
import { exitCode, isHelp, orQuit, show } from "../exit.ts";
import { describeOptions, readOptions } from "./command-options.ts";
import { filterOf, filterOptions, limitOption, rateOption, yesOption } from "./dead-letter-options.ts";
import { deadLetterJson, deadLetterPage, deadLetterTable, lettersText } from "./dead-letter-text.ts";
import { oldestLetters, replayPaced } from "./paced-replay.ts";
import { terminalWidth } from "./table.ts";

const defaultListed = 100;

const optionsOf = {
  list: { ...filterOptions, limit: limitOption(`show so many, the oldest (default ${defaultListed})`) },
  show: filterOptions,
  replay: { ...filterOptions, limit: limitOption("only so many, the oldest"), rate: rateOption },
  purge: { ...filterOptions, limit: limitOption("only so many, the oldest"), yes: yesOption },
};

const usageOf = {
  list: `rtmp-server hooks dlq list: show dead letters, the oldest first

Usage: rtmp-server hooks dlq list [OPTIONS]

${describeOptions(optionsOf.list)}
`,
  show: `rtmp-server hooks dlq show: show everything of a dead letter

Usage: rtmp-server hooks dlq show ID

ID is its number in hooks dlq list, or the id of its event: one event may be a
dead letter of several hooks. The body is that which the hook was sent.

${describeOptions(optionsOf.show)}
`,
  replay: `rtmp-server hooks dlq replay: send dead letters again

Usage: rtmp-server hooks dlq replay [OPTIONS]

Puts them back into the queues of their hooks, with the same event id and as
many attempts as on the first day. Without a filter that is all of them. A
server that runs delivers them within a second, any other when it starts.

${describeOptions(optionsOf.replay)}
`,
  purge: `rtmp-server hooks dlq purge: remove dead letters for good

Usage: rtmp-server hooks dlq purge [OPTIONS]

${describeOptions(optionsOf.purge)}
`,
};

const usage = `rtmp-server hooks dlq: look after events that could not be delivered

Usage: rtmp-server hooks dlq COMMAND [OPTIONS]

  list      show dead letters, the oldest first
  show      show everything of a dead letter
  replay    send dead letters again
  purge     remove dead letters for good

Each has --help. They work on the store of hooks with the guarantee
at-least-once, whether its server runs or not. Dead letters are kept for 7 days.

${describeOptions(filterOptions)}

Try it
  rtmp-server hooks dlq list --hook webhook_0 --since 2h
  rtmp-server hooks dlq show 12
  rtmp-server hooks dlq replay --hook webhook_0 --rate 20/s
`;

const showJson = (value: unknown): void => show(JSON.stringify(value, undefined, 2));

const runList = (args: readonly string[]): void => {
  const values = readOptions(args, optionsOf.list);
  const now = Date.now();
  const filter = filterOf(values, now);
  using letters = DeadLetters.open(values.dataDir);
  const found = letters.list(filter, { limit: values.limit ?? defaultListed });
  if (values.json) showJson(found.map(deadLetterJson));
  else show(deadLetterTable(found, { total: letters.count(filter), now, width: terminalWidth() }));
};

/** An id may stand alone, for that is what is typed most. */
const withId = (args: readonly string[]): readonly string[] => {
  const [first, ...rest] = args;
  return first === undefined || first.startsWith("-") ? args : ["--id", first, ...rest];
};

const runShow = (args: readonly string[]): void => {
  const values = readOptions(withId(args), optionsOf.show);
  const { id } = values;
  if (id === undefined) throw new ConfigError("hooks dlq show needs an id, expected one of hooks dlq list");
  const now = Date.now();
  using letters = DeadLetters.open(values.dataDir);
  const found: DeadLetter[] = letters.list(filterOf(values, now));
  if (found.length === 0)
    throw new TransportError("REJECTED", `no dead letter ${JSON.stringify(id)} in ${values.dataDir}`);
  if (values.json) showJson(found.map(deadLetterJson));
  else show(found.map((letter) => deadLetterPage(letter, now)).join("\n\n"));
};

const runReplay = async (args: readonly string[]): Promise<void> => {
  const values = readOptions(args, optionsOf.replay);
  const { rate, limit, dataDir, json } = values;
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  using letters = DeadLetters.open(dataDir);
  const pace = { rate, limit, clock: systemClock, signal: interrupt.signal };
  const count = await replayPaced(letters, filterOf(values, Date.now()), pace);
  if (interrupt.signal.aborted) process.exitCode = exitCode.failed;
  if (json) showJson({ replayed: count });
  else if (count === 0) show("no dead letters");
  else
    show(
      `${lettersText(count)} back in the queue of ${dataDir}\na server that runs there delivers within a second, any other when it starts`,
    );
};

/** Whether anything is said about which. */
const isSelective = (filter: DeadLetterFilter): boolean => Object.keys(filter).length > 0;

const runPurge = (args: readonly string[]): void => {
  const values = readOptions(args, optionsOf.purge);
  const filter = filterOf(values, Date.now());
  using letters = DeadLetters.open(values.dataDir);
  if (!isSelective(filter) && values.limit === undefined && !values.yes)
    throw new ConfigError(
      `hooks dlq purge without a filter removes all for good, ${lettersText(letters.count())} now, expected a filter or --yes`,
    );
  const count = values.limit === undefined ? letters.purge(filter) : purgeSome(letters, filter, values.limit);
  if (values.json) showJson({ purged: count });
  else show(count === 0 ? "no dead letters" : `${lettersText(count)} removed from ${values.dataDir}`);
};

const purgeSome = (letters: DeadLetters, filter: DeadLetterFilter, limit: number): number => {
  let count = 0;
  for (const { id } of oldestLetters(letters, filter, limit)) count += letters.purge({ id: String(id) });
  return count;
};

const command = (
  name: keyof typeof usageOf,
  description: string,
  run: (args: readonly string[]) => void | Promise<void>,
): CommandDef =>
  defineCommand({
    meta: { name, description },
    run: ({ rawArgs }) => orQuit(() => (isHelp(rawArgs) ? show(usageOf[name]) : run(rawArgs))),
  });

const commands: Readonly<Record<string, CommandDef>> = {
  list: command("list", "show dead letters, the oldest first", runList),
  show: command("show", "show everything of a dead letter", runShow),
  replay: command("replay", "send dead letters again", runReplay),
  purge: command("purge", "remove dead letters for good", runPurge),
};

const help = defineCommand({
  meta: { name: "help", description: "print this text", hidden: true },
  run: () => show(usage),
});

/** `hooks dlq list|show|replay|purge` */
export const dlq = defineCommand({
  meta: { name: "dlq", description: "look after events that could not be delivered" },
  default: "help",
  subCommands: { ...commands, help },
  setup: ({ rawArgs: [name] }) =>
    orQuit(() => {
      if (name === undefined || name === "help" || Object.hasOwn(commands, name) || isHelp([name])) return;
      const known = Object.keys(commands);
      const nearest = nearestName(name, known);
      throw new ConfigError(
        `unknown command hooks dlq ${JSON.stringify(name)}, ${nearest ? `did you mean ${nearest}?` : `expected ${known.join(", ")}`}; see rtmp-server hooks dlq --help`,
      );
    }),
});
