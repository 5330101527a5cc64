import { useRef } from "preact/hooks";
import { pathOf } from "../model/addresses.ts";
import type { Connection, PathDetails, Peer } from "../model/objects.ts";
import { listOf, protocolOf } from "../model/protocols.ts";
import { bytesText, countText } from "../model/units.ts";
import { kickConnection } from "../parts/operations.ts";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";
import type { Api } from "../server/api.ts";

/** Readers that are shown one by one. All of them stand among the connections. */
const maxShown = 20;

type Name = "client" | "protocol" | "program" | "sent" | "actions";

const columns: readonly Column<Name>[] = [
  { name: "client", title: "Reader" },
  { name: "protocol", title: "Protocol" },
  { name: "program", title: "Program", isMinor: true },
  { name: "sent", title: "Sent", isNumber: true },
  { name: "actions", title: "" },
];

interface ShownReader extends Peer {
  readonly connection: Connection | undefined;
}

/** What is known of the first readers of a stream. */
const readersOf = async (api: Api, name: string, signal: AbortSignal) => {
  const path = await api.find<PathDetails>(`/v3/paths/get/${pathOf(name)}`, signal);
  const readers = path?.readers ?? [];
  const shown = readers.slice(0, maxShown).map(async (reader): Promise<ShownReader> => {
    const list = listOf(reader.type);
    const connection =
      list && (await api.find<Connection>(`/v3/${list}/get/${encodeURIComponent(reader.id)}`, signal));
    return { ...reader, connection: connection || undefined };
  });
  return { count: readers.length, shown: await Promise.all(shown) };
};

/** Who reads a stream. */
export const StreamReaders = ({ name }: { readonly name: string }) => {
  const session = useSession();
  const { api } = session;
  const { answer, again } = usePoll(`readers ${name}`, (signal) => readersOf(api, name, signal), 3_000);
  const kicked = useRef(new Set<string>());
  const shown = (answer?.shown ?? []).filter(({ id }) => !kicked.current.has(id));
  const more = (answer?.count ?? 0) - maxShown;
  return (
    <section aria-labelledby="readers" class="part">
      <h2 id="readers">{countText(answer?.count ?? 0, "reader")}</h2>
      <Table label="Readers" columns={columns} count={shown.length} empty="Nobody reads this stream.">
        {shown.map(({ id, type, connection }) => (
          <tr key={id}>
            <th scope="row">{connection?.remoteAddr ?? id}</th>
            <td>{protocolOf(type)}</td>
            <td class="text minor" title={connection?.userAgent}>
              {connection?.userAgent}
            </td>
            <td class="number">{connection ? bytesText(connection.outboundBytes ?? 0) : "–"}</td>
            <td class="actions">
              {listOf(type) !== undefined && (
                <button
                  type="button"
                  class="small"
                  aria-label={`Kick ${connection?.remoteAddr ?? id}`}
                  onClick={() =>
                    kickConnection(session, {
                      type,
                      id,
                      who: connection?.remoteAddr ?? id,
                      onDone: () => {
                        kicked.current.add(id);
                        again();
                      },
                    })
                  }
                >
                  Kick
                </button>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {more > 0 && <p class="faint more">and {countText(more, "other")}</p>}
    </section>
  );
};
