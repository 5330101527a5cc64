import { useState } from "preact/hooks";
import type { ListPage, RecordingOverview } from "../model/objects.ts";
import { hashOf } from "../model/route.ts";
import { countText, momentText } from "../model/units.ts";
import { Pager } from "../parts/pager.tsx";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Name = "name" | "segments" | "first" | "last";

const columns: readonly Column<Name>[] = [
  { name: "name", title: "Stream" },
  { name: "segments", title: "Segments", isNumber: true },
  { name: "first", title: "First begins", isMinor: true },
  { name: "last", title: "Last begins" },
];

/** Everything that was recorded, by stream. */
export const Recordings = () => {
  const { api } = useSession();
  const [page, turnTo] = useState(0);
  const url = `/v3/recordings/overview?itemsPerPage=25&page=${page}`;
  const { answer, error } = usePoll(
    url,
    (signal) => api.get<ListPage<RecordingOverview>>(url, signal),
    5_000,
  );
  return (
    <section aria-label="Recordings">
      <div class="bar">
        <h1>Recordings</h1>
        <span class="count">{answer && `of ${countText(answer.itemCount, "stream")}`}</span>
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      <Table
        label="Recordings"
        columns={columns}
        count={answer?.items.length ?? 0}
        empty={answer ? "Nothing was recorded. Open a stream and start a recording." : "…"}
      >
        {answer?.items.map(({ name, segments, first, last }) => (
          <tr key={name}>
            <th scope="row" class="name">
              <a class="name-link" href={hashOf("recordings", name)} title={name}>
                {name}
              </a>
            </th>
            <td class="number">{segments}</td>
            <td class="minor">{timeOf(first)}</td>
            <td>{timeOf(last)}</td>
          </tr>
        ))}
      </Table>
      <Pager page={page} pages={answer?.pageCount ?? 0} onPage={turnTo} />
    </section>
  );
};

const timeOf = (start: string | null): string => (start === null ? "–" : momentText(start));
