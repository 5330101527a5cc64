import { useState } from "preact/hooks";
import type { ListPage, Relay } from "../model/objects.ts";
import { Pager } from "../parts/pager.tsx";
import { RelayTable } from "../parts/relay-table.tsx";
import { usePoll, useSession } from "../parts/session.tsx";

/** Everything that is pushed to other servers. */
export const Relays = () => (
  <section aria-label="Relays">
    <div class="bar">
      <h1>Relays</h1>
    </div>
    <Targets
      kind="relays"
      title="Of every stream"
      empty="Streams are not pushed to other servers: relayTo names some."
    />
    <Targets
      kind="forwards"
      title="Of single paths"
      empty="No path is forwarded: forward of a path names where to."
    />
  </section>
);

const Targets = (props: {
  readonly kind: "relays" | "forwards";
  readonly title: string;
  readonly empty: string;
}) => {
  const { kind, title, empty } = props;
  const { api } = useSession();
  const [page, turnTo] = useState(0);
  const url = `/v3/${kind}/list?itemsPerPage=50&page=${page}`;
  const { answer, error } = usePoll(url, (signal) => api.get<ListPage<Relay>>(url, signal));
  return (
    <section aria-labelledby={kind} class="part">
      <h2 id={kind}>{title}</h2>
      {error !== undefined && <p class="error">{error}</p>}
      <RelayTable label={title} relays={answer?.items ?? []} empty={answer ? empty : "…"} />
      <Pager page={page} pages={answer?.pageCount ?? 0} onPage={turnTo} />
    </section>
  );
};
