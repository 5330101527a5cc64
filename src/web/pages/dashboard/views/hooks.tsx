import type { Hook, HooksStatus } from "../model/objects.ts";
import { durationText, momentText } from "../model/units.ts";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { DeadLetters } from "./dead-letters.tsx";

type Name =
  | "id"
  | "type"
  | "breaker"
  | "backlog"
  | "oldest"
  | "delivered"
  | "failed"
  | "dead"
  | "error"
  | "actions";

const columns: readonly Column<Name>[] = [
  { name: "id", title: "Hook" },
  { name: "type", title: "Type" },
  { name: "breaker", title: "Breaker" },
  { name: "backlog", title: "Waiting", isNumber: true },
  { name: "oldest", title: "For", isNumber: true, isMinor: true },
  { name: "delivered", title: "Delivered", isNumber: true },
  { name: "failed", title: "Failed", isNumber: true },
  { name: "dead", title: "Given up", isNumber: true },
  { name: "error", title: "Last error" },
  { name: "actions", title: "" },
];

const statusBadges: Readonly<Record<HooksStatus["status"], string>> = {
  healthy: "badge good",
  degraded: "badge warn",
  unhealthy: "badge bad",
};

const breakers: Readonly<Record<Hook["breaker"], { readonly badge: string; readonly text: string }>> = {
  closed: { badge: "badge good", text: "closed" },
  half_open: { badge: "badge warn", text: "half open" },
  open: { badge: "badge bad", text: "open" },
  paused: { badge: "badge bad", text: "paused" },
};

/** How hooks do, and what they did not get. */
export const Hooks = () => {
  const { api } = useSession();
  const { answer, error, again } = usePoll("hooks", (signal) =>
    api.get<HooksStatus>("/v3/hooks/status", signal),
  );
  return (
    <section aria-label="Hooks">
      <div class="bar">
        <h1>Hooks</h1>
        {answer && <span class={statusBadges[answer.status]}>{answer.status}</span>}
        <span class="count">
          {answer?.lastEventTime ? `last event ${momentText(answer.lastEventTime)}` : ""}
        </span>
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      {answer?.reasons.map((reason) => (
        <p key={reason} class="error">
          {reason}
        </p>
      ))}
      <Table
        label="Hooks"
        columns={columns}
        count={answer?.hooks.length ?? 0}
        empty={answer ? "This server has no hooks that run scripts or call webhooks." : "…"}
      >
        {answer?.hooks.map((hook) => (
          <Row key={hook.id} hook={hook} onResumed={again} />
        ))}
      </Table>
      <DeadLetters />
    </section>
  );
};

const Row = ({ hook, onResumed }: { readonly hook: Hook; readonly onResumed: () => void }) => {
  const { api, say } = useSession();
  const { badge, text } = breakers[hook.breaker];
  const resume = async (): Promise<void> => {
    try {
      await api.post(`/v3/hooks/resume/${encodeURIComponent(hook.id)}`);
      say(`${hook.id} goes on.`);
      onResumed();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
  };
  return (
    <tr>
      <th scope="row">{hook.id}</th>
      <td>{hook.type}</td>
      <td>
        <span class={badge}>{text}</span>
      </td>
      <td class="number">{hook.backlog}</td>
      <td class="number minor">{hook.backlog > 0 ? durationText(hook.oldestSeconds * 1_000) : "–"}</td>
      <td class="number">{hook.delivered}</td>
      <td class="number">{hook.failed}</td>
      <td class="number">{hook.dead}</td>
      <td class="wrap faint">{hook.lastError}</td>
      <td class="actions">
        {hook.breaker !== "closed" && (
          <button type="button" class="small" aria-label={`Resume ${hook.id}`} onClick={() => void resume()}>
            Resume
          </button>
        )}
      </td>
    </tr>
  );
};
