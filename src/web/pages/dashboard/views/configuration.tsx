import { useState } from "preact/hooks";
import { type ConfigLine, configLines } from "../model/config-lines.ts";
import type { ConfigStatus, ListPage } from "../model/objects.ts";
import { matching } from "../model/table.ts";
import { countText, momentText } from "../model/units.ts";
import { FilterField } from "../parts/filter-field.tsx";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";
import type { Api } from "../server/api.ts";

type Name = "key" | "value";

const columns: readonly Column<Name>[] = [
  { name: "key", title: "Key" },
  { name: "value", title: "Value" },
];

/** Entries of `paths` that are shown. */
const maxPaths = 100;

interface Part {
  readonly title: string;
  readonly lines: readonly ConfigLine[];
}

const read = async (api: Api, signal: AbortSignal) => {
  const [global, defaults, paths] = await Promise.all([
    api.get("/v3/config/global/get", signal),
    api.get("/v3/config/pathdefaults/get", signal),
    api.get<ListPage<{ readonly name: string }>>(`/v3/config/paths/list?itemsPerPage=${maxPaths}`, signal),
  ]);
  const parts: readonly Part[] = [
    { title: "Server", lines: configLines(global) },
    { title: "All paths", lines: configLines(defaults).filter(({ key }) => key !== "name") },
    ...paths.items.map((path) => ({ title: `Path ${path.name}`, lines: configLines(path) })),
  ];
  return { parts, hidden: paths.itemCount - paths.items.length };
};

/** What the server goes by, with secrets hidden by the server. */
export const Configuration = () => {
  const { api } = useSession();
  const [typed, type] = useState("");
  const [chosen, choose] = useState(0);
  const { answer, error } = usePoll("configuration", (signal) => read(api, signal), 5_000);
  const parts = answer?.parts ?? [];
  const part = parts[chosen] ?? parts[0];
  const lines = matching(part?.lines ?? [], ({ key, value }) => `${key} ${value}`, typed);
  return (
    <section aria-label="Configuration">
      <div class="bar">
        <h1>Configuration</h1>
        <select aria-label="Part" onChange={(event) => choose(event.currentTarget.selectedIndex)}>
          {parts.map(({ title }, index) => (
            <option key={title} selected={index === chosen}>
              {title}
            </option>
          ))}
        </select>
        <FilterField label="Filter keys" value={typed} onInput={type} />
      </div>
      {answer !== undefined && answer.hidden > 0 && (
        <p class="faint">{countText(answer.hidden, "path")} more are configured than are shown here.</p>
      )}
      <Source />
      {error !== undefined && <p class="error">{error}</p>}
      <Table
        label={part?.title ?? "Configuration"}
        columns={columns}
        count={lines.length}
        empty={answer ? "No key holds these words." : "…"}
      >
        {lines.map(({ key, value }) => (
          <tr key={key}>
            <th scope="row" class="key">
              <code>{key}</code>
            </th>
            <td class="wrap">
              <code>{value}</code>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
};

/** Where it comes from. */
const Source = () => {
  const { api, say } = useSession();
  const { answer, again } = usePoll(
    "source",
    (signal) => api.find<ConfigStatus>("/v3/config/status", signal),
    5_000,
  );
  if (!answer) return null;
  const { file, persistFile, appliedTime, lastError } = answer;
  const reload = async (): Promise<void> => {
    try {
      await api.post("/v3/config/reload");
      say("The file was read again.");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
    again();
  };
  return (
    <>
      <p class="faint source">
        {file === "" ? "From flags, without a file" : `From ${file}`}, in force since{" "}
        {momentText(appliedTime)}
        {persistFile !== "" && `; changes are kept in ${persistFile}`}
        {file !== "" && (
          <button type="button" class="small" onClick={() => void reload()}>
            Read the file again
          </button>
        )}
      </p>
      {lastError !== "" && <p class="error">The last try to read it failed: {lastError}</p>}
    </>
  );
};
