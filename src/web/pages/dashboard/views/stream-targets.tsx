import type { ListPage, Relay } from "../model/objects.ts";
import { RelayTable } from "../parts/relay-table.tsx";
import { usePoll, useSession } from "../parts/session.tsx";

/** Where a stream is pushed to: nothing at all where it goes nowhere. */
export const StreamTargets = ({ name }: { readonly name: string }) => {
  const { api } = useSession();
  const { answer = [] } = usePoll(`targets ${name}`, async (signal) => {
    const lists = await Promise.all(
      ["forwards", "relays"].map((kind) =>
        api.get<ListPage<Relay>>(`/v3/${kind}/list?itemsPerPage=1000`, signal),
      ),
    );
    return lists.flatMap(({ items }) => items).filter(({ path }) => path === name);
  });
  if (answer.length === 0) return null;
  return (
    <section aria-labelledby="targets" class="part">
      <h2 id="targets">Pushed to</h2>
      <RelayTable label="Targets" relays={answer} empty="" />
    </section>
  );
};
