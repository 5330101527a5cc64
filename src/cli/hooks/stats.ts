import { defineCommand } from "citty";
import * as v from "valibot";
import type { HostPort } from "../../base/host-port.ts";
import { formatSize } from "../../base/units.ts";
import { isHelp, orQuit, show } from "../exit.ts";
import { describeOptions, jsonOption, readOptions, serverOption } from "./command-options.ts";
import { lettersText } from "./dead-letter-text.ts";
import { type HealthPage, healthSchema, numberColumns, numberRow, numbersOf } from "./hook-numbers.ts";
import { Scrape } from "./scrape.ts";
import { getPage, strangerAt } from "./server-page.ts";
import { plainText, renderTable, terminalWidth } from "./table.ts";

const ownOptions = { server: serverOption, json: jsonOption };

const usage = `rtmp-server hooks stats: show how the hooks of a running server do

Usage: rtmp-server hooks stats [--server HOST:PORT]

Reads /health/hooks and /metrics of a server that was started with
--metrics-address. Numbers count from the start of the server; P95 is the time
from an event to its delivery that 95 of 100 are below.

${describeOptions(ownOptions)}

Try it
  rtmp-server --metrics-address 127.0.0.1:9998 --hook-stdio-format json
  rtmp-server hooks stats
`;

/** Both pages of a server. @throws TransportError where it does not answer, or is none */
export const readPages = async (server: HostPort): Promise<{ health: HealthPage; scrape: Scrape }> => {
  const healthPath = "/health/hooks";
  const [healthPage, metricsPage] = await Promise.all([
    getPage(server, healthPath),
    getPage(server, "/metrics"),
  ]);
  const [text, metrics] = await Promise.all([healthPage.text(), metricsPage.text()]);
  // 503 is an answer as well: that of a server that does badly.
  const health = v.safeParse(v.pipe(v.string(), v.parseJson(), healthSchema), text);
  if (!health.success) throw strangerAt(server, healthPath);
  if (!metricsPage.ok) throw strangerAt(server, "/metrics");
  return { health: health.output, scrape: new Scrape(metrics) };
};

/** What the store of durable hooks holds; undefined where there is none. */
const storeOf = (scrape: Scrape) => {
  const pending = scrape.sum("rtmp_hook_store_pending");
  const bytes = scrape.sum("rtmp_hook_store_bytes");
  const deadLetters = scrape.sum("rtmp_hook_dlq_size");
  return pending === undefined ? undefined : { pending, dead_letters: deadLetters ?? 0, bytes: bytes ?? 0 };
};

const roundedSize = (bytes: number): string =>
  bytes < 1024 ** 2 ? formatSize(Math.ceil(bytes / 1024) * 1024) : `${(bytes / 1024 ** 2).toFixed(1)}M`;

/** What `hooks stats` prints for people. */
export const statsReport = (
  { health, scrape }: { health: HealthPage; scrape: Scrape },
  width: number,
): string => {
  const { hook_manager_status: status, reasons } = health;
  const lines = [`hooks are ${status}`, ...reasons.map((reason) => `  ${reason}`)].map(plainText);
  const store = storeOf(scrape);
  if (store)
    lines.push(
      `store: ${store.pending} waiting, ${lettersText(store.dead_letters)}, ${roundedSize(store.bytes)}`,
    );
  const numbers = numbersOf(health, scrape);
  const table =
    numbers.length === 0
      ? "no script and no webhook"
      : renderTable(numberColumns, numbers.map(numberRow), width);
  return `${lines.join("\n")}\n\n${table}`;
};

/** `hooks stats` */
export const stats = defineCommand({
  meta: { name: "stats", description: "show how the hooks of a running server do" },
  run: ({ rawArgs }) =>
    orQuit(async () => {
      if (isHelp(rawArgs)) return show(usage);
      const { server, json } = readOptions(rawArgs, ownOptions);
      const pages = await readPages(server);
      if (!json) return show(statsReport(pages, terminalWidth()));
      const { health, scrape } = pages;
      const { hook_manager_status: status, reasons, last_event_time } = health;
      const hooks = numbersOf(health, scrape);
      const store = storeOf(scrape);
      show(JSON.stringify({ status, reasons, last_event_time, hooks, store }, undefined, 2));
    }),
});
