import { useState } from "preact/hooks";
import type { Connection, ListPage } from "../model/objects.ts";
import { type ConnectionKind, connectionKinds, protocolOf } from "../model/protocols.ts";
import { hashOf } from "../model/route.ts";
import { bytesText, durationText } from "../model/units.ts";
import { kickConnection } from "../parts/operations.ts";
import { Pager } from "../parts/pager.tsx";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Name = "remote" | "state" | "path" | "user" | "agent" | "in" | "out" | "dropped" | "since" | "actions";

const columns: readonly Column<Name>[] = [
  { name: "remote", title: "Client" },
  { name: "state", title: "Does" },
  { name: "path", title: "Stream" },
  { name: "user", title: "User", isMinor: true },
  { name: "agent", title: "Program", isMinor: true },
  { name: "in", title: "Received", isNumber: true },
  { name: "out", title: "Sent", isNumber: true },
  { name: "dropped", title: "Dropped", isNumber: true, isMinor: true },
  { name: "since", title: "For", isNumber: true },
  { name: "actions", title: "" },
];

const itemsPerPage = 100;

/** Everybody who is connected, by protocol. */
export const Connections = () => {
  const { api, feed, ports } = useSession();
  const [page, turnTo] = useState(0);
  const [wanted, choose] = useState("");
  const served = connectionKinds.filter(({ port }) => ports[port] !== null);
  const counts = usePoll(`counts ${served.map(({ list }) => list)}`, (signal) =>
    Promise.all(
      served.map(async (kind) => {
        const url = `/v3/${kind.list}/list?itemsPerPage=1`;
        return { kind, count: (await api.find<ListPage<Connection>>(url, signal))?.itemCount ?? 0 };
      }),
    ),
  );
  const kinds = counts.answer ?? [];
  const kind = kinds.find((each) => each.kind.list === wanted)?.kind ?? kinds[0]?.kind;
  return (
    <section aria-label="Connections">
      <div class="bar">
        <h1>Connections</h1>
        <span class="count">{feed.streams.load?.connections}</span>
        <fieldset class="choice">
          <legend>Protocol</legend>
          {kinds.map(({ kind: each, count }) => (
            <button
              key={each.list}
              type="button"
              aria-pressed={each === kind}
              onClick={() => {
                choose(each.list);
                turnTo(0);
              }}
            >
              {protocolOf(each.type)} {count}
            </button>
          ))}
        </fieldset>
      </div>
      {counts.error !== undefined && <p class="error">{counts.error}</p>}
      {kind && <ConnectionTable key={kind.list} kind={kind} page={page} onPage={turnTo} />}
    </section>
  );
};

const ConnectionTable = (props: {
  readonly kind: ConnectionKind;
  readonly page: number;
  readonly onPage: (page: number) => void;
}) => {
  const { kind, page, onPage } = props;
  const { api } = useSession();
  const url = `/v3/${kind.list}/list?itemsPerPage=${itemsPerPage}&page=${page}`;
  const { answer, error, again } = usePoll(url, (signal) => api.get<ListPage<Connection>>(url, signal));
  const items = answer?.items ?? [];
  return (
    <>
      {error !== undefined && <p class="error">{error}</p>}
      <Table
        label={`${protocolOf(kind.type)} connections`}
        columns={columns}
        count={items.length}
        empty={answer ? `Nobody is connected by ${protocolOf(kind.type)}.` : "…"}
      >
        {items.map((item) => (
          <Row key={item.id} item={item} kind={kind} onKicked={again} />
        ))}
      </Table>
      <Pager page={page} pages={answer?.pageCount ?? 0} onPage={onPage} />
    </>
  );
};

const Row = (props: {
  readonly item: Connection;
  readonly kind: ConnectionKind;
  readonly onKicked: () => void;
}) => {
  const { item, kind, onKicked } = props;
  const session = useSession();
  const { id, created, remoteAddr, state = "read", path, user = "", userAgent = "" } = item;
  const age = session.feed.streams.serverTime(Date.now()) - Date.parse(created);
  return (
    <tr>
      <th scope="row">{remoteAddr}</th>
      <td>{state}</td>
      <td class="text" title={path}>
        {path !== "" && <a href={hashOf("streams", path)}>{path}</a>}
      </td>
      <td class="text minor">{user}</td>
      <td class="text minor" title={userAgent}>
        {userAgent}
      </td>
      <td class="number">{bytesText(item.inboundBytes ?? 0)}</td>
      <td class="number">{bytesText(item.outboundBytes ?? 0)}</td>
      <td class="number minor">{item.outboundFramesDiscarded ?? "–"}</td>
      <td class="number">{durationText(age)}</td>
      <td class="actions">
        <button
          type="button"
          class="small"
          aria-label={`Kick ${remoteAddr}`}
          onClick={() => kickConnection(session, { type: kind.type, id, who: remoteAddr, onDone: onKicked })}
        >
          Kick
        </button>
      </td>
    </tr>
  );
};
