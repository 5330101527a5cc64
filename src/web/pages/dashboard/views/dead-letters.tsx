import { useState } from "preact/hooks";
import type { DeadLetter, ListPage } from "../model/objects.ts";
import { hashOf } from "../model/route.ts";
import { agoText, countText } from "../model/units.ts";
import { Pager } from "../parts/pager.tsx";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Name = "id" | "time" | "hook" | "type" | "path" | "reason" | "tries" | "error" | "actions";

const columns: readonly Column<Name>[] = [
  { name: "id", title: "No.", isNumber: true },
  { name: "time", title: "Given up" },
  { name: "hook", title: "Hook" },
  { name: "type", title: "Event" },
  { name: "path", title: "Stream" },
  { name: "reason", title: "Reason", isMinor: true },
  { name: "tries", title: "Tries", isNumber: true, isMinor: true },
  { name: "error", title: "Last error" },
  { name: "actions", title: "" },
];

/** Events that hooks did not get, and that can be sent again. */
export const DeadLetters = () => {
  const session = useSession();
  const { api, confirm, say } = session;
  const [page, turnTo] = useState(0);
  const url = `/v3/hooks/deadletters/list?itemsPerPage=50&page=${page}`;
  const { answer, error, again } = usePoll(
    url,
    (signal) => api.find<ListPage<DeadLetter>>(url, signal),
    3_000,
  );
  const count = answer?.itemCount ?? 0;
  const replay = async ({ id, hook }: DeadLetter): Promise<void> => {
    try {
      await api.post(`/v3/hooks/deadletters/replay/${id}`);
      say(`Dead letter ${id} is sent to ${hook} again.`);
    } catch (failure) {
      say(failure instanceof Error ? failure.message : String(failure), true);
    }
    again();
  };
  const replayAll = (): void =>
    confirm({
      title: `Send ${countText(count, "dead letter")} again?`,
      text: "Each goes to its hook once more, as if it had just happened.",
      verb: "Send again",
      run: async () => {
        await api.post("/v3/hooks/deadletters/replayall");
        again();
      },
      done: "They are sent again.",
    });
  return (
    <section aria-labelledby="dead-letters" class="part">
      <div class="bar">
        <h2 id="dead-letters">Dead letters</h2>
        <span class="count">{count > 0 && count}</span>
        {count > 1 && (
          <button type="button" class="small" onClick={replayAll}>
            Replay all
          </button>
        )}
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      <Table
        label="Dead letters"
        columns={columns}
        count={answer?.items.length ?? 0}
        empty="None: no event was given up."
      >
        {answer?.items.map((letter) => (
          <Row key={letter.id} letter={letter} onReplay={() => void replay(letter)} />
        ))}
      </Table>
      <Pager page={page} pages={answer?.pageCount ?? 0} onPage={turnTo} />
    </section>
  );
};

const Row = ({ letter, onReplay }: { readonly letter: DeadLetter; readonly onReplay: () => void }) => {
  const { feed } = useSession();
  const { id, givenUp, hook, type, path, reason, attempts, lastError } = letter;
  return (
    <tr>
      <td class="number">{id}</td>
      <td title={givenUp}>{agoText(feed.streams.serverTime(Date.now()) - Date.parse(givenUp))}</td>
      <td>{hook}</td>
      <td>{type}</td>
      <td class="text" title={path}>
        {path !== "" && <a href={hashOf("streams", path)}>{path}</a>}
      </td>
      <td class="minor">{reason}</td>
      <td class="number minor">{attempts}</td>
      <td class="wrap faint">{lastError}</td>
      <td class="actions">
        <button type="button" class="small" aria-label={`Replay dead letter ${id}`} onClick={onReplay}>
          Replay
        </button>
      </td>
    </tr>
  );
};
