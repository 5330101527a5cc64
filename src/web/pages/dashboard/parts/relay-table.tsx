import type { Relay } from "../model/objects.ts";
import { hashOf } from "../model/route.ts";
import { bytesText, durationText } from "../model/units.ts";
import { useSession } from "./session.tsx";
import { type Column, Table } from "./table.tsx";

type Name = "path" | "target" | "state" | "since" | "sent" | "error";

const columns: readonly Column<Name>[] = [
  { name: "path", title: "Stream" },
  { name: "target", title: "Target" },
  { name: "state", title: "State" },
  { name: "since", title: "For", isNumber: true },
  { name: "sent", title: "Sent", isNumber: true },
  { name: "error", title: "Last error" },
];

const badges: Readonly<Record<string, string>> = { forwarding: "badge good", error: "badge bad" };

/** Streams on their way to other servers. */
export const RelayTable = (props: {
  readonly label: string;
  readonly relays: readonly Relay[];
  readonly empty: string;
}) => {
  const { label, relays, empty } = props;
  const { feed } = useSession();
  const now = feed.streams.serverTime(Date.now());
  return (
    <Table label={label} columns={columns} count={relays.length} empty={empty}>
      {relays.map(({ path, target, state, since, outboundBytes, lastError }) => (
        <tr key={`${path} ${target}`}>
          <th scope="row" class="name">
            <a class="name-link" href={hashOf("streams", path)} title={path}>
              {path}
            </a>
          </th>
          <td class="text" title={target}>
            {target}
          </td>
          <td>
            <span class={badges[state] ?? "badge"}>{state}</span>
          </td>
          <td class="number">{durationText(now - Date.parse(since))}</td>
          <td class="number">{bytesText(outboundBytes)}</td>
          <td class="wrap faint">{lastError}</td>
        </tr>
      ))}
    </Table>
  );
};
