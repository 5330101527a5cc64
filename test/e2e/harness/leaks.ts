import { curl } from "./curl.ts";
import type { Server } from "./server.ts";

/** Everything that the API shows, by GET and without parameters. */
const shown = [
  ...["info", "paths/list", "rtmpconns/list", "config/global/get", "config/pathdefaults/get"],
  ...["config/paths/list", "recordings/list", "relays/list", "hooks/status", "config/status", "openapi.json"],
  ...["alerts/list", "forwards/list", "recordings/overview", "hooks/deadletters/list", "ports"],
];

/**
 * Looks for secrets in the whole log, in the answers of the API and in metrics, and gives where each was found.
 * `login` are options of curl that open the pages; `lists` are looked at too, which not every server has.
 */
export const leaks = async (
  server: Server,
  {
    secrets,
    login = [],
    lists = [],
  }: { secrets: readonly string[]; login?: readonly string[]; lists?: readonly string[] },
): Promise<string[]> => {
  const [api, metrics] = await Promise.all([
    server.pages("control API"),
    server.pages("metrics and health pages"),
  ]);
  const places = new Map<string, string>();
  for (const path of [...shown, ...lists]) {
    const { status, body } = await curl(`${api}/v3/${path}`, login);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    places.set(path, body);
  }
  const page = await curl(`${metrics}/metrics`, login);
  if (page.status !== 200) throw new Error(`metrics: ${page.status}`);
  places.set("metrics", page.body).set("log", server.logText);
  return [...places].flatMap(([place, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`),
  );
};
