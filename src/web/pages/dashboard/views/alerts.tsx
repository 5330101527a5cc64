import { useState } from "preact/hooks";
import type { Alert } from "../model/objects.ts";
import { hashOf } from "../model/route.ts";
import { matching } from "../model/table.ts";
import { momentText } from "../model/units.ts";
import { FilterField } from "../parts/filter-field.tsx";
import { useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Name = "time" | "level" | "message" | "path" | "details";

const columns: readonly Column<Name>[] = [
  { name: "time", title: "Time" },
  { name: "level", title: "Level" },
  { name: "message", title: "What happened" },
  { name: "path", title: "Stream" },
  { name: "details", title: "Details" },
];

const badges: Readonly<Record<Alert["level"], string>> = {
  info: "badge good",
  warn: "badge warn",
  error: "badge bad",
};

/** What monitors have raised, and what else went wrong, the newest first. */
export const Alerts = () => {
  const { feed } = useSession();
  const [typed, type] = useState("");
  const { alerts } = feed.streams;
  const shown = matching(alerts, searchedText, typed);
  return (
    <section aria-label="Alerts">
      <div class="bar">
        <h1>Alerts</h1>
        <span class="count">the last {alerts.length}, since the server started</span>
        <FilterField label="Filter alerts" value={typed} onInput={type} />
      </div>
      <Table
        label="Alerts"
        columns={columns}
        count={shown.length}
        empty={alerts.length === 0 ? "Nothing went wrong so far." : "No alert holds these words."}
      >
        {shown.map((alert) => (
          <tr key={alert.number}>
            <td>{momentText(alert.time)}</td>
            <td>
              <span class={badges[alert.level]}>{alert.level}</span>
            </td>
            <td>{alert.message}</td>
            <td class="text" title={alert.path}>
              {alert.path !== "" && <a href={hashOf("streams", alert.path)}>{alert.path}</a>}
            </td>
            <td class="wrap faint">{detailsText(alert)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
};

const detailsText = ({ details }: Alert): string =>
  Object.entries(details)
    .map(([key, value]) => `${key} ${value}`)
    .join("  ·  ");

const searchedText = (alert: Alert): string =>
  `${alert.level} ${alert.message} ${alert.path} ${detailsText(alert)}`;
