import { element, type Row } from "./keyed-rows.ts";
import type { ShownEvent } from "./service.ts";

/** The row of an event, which never changes. */
export const eventRow = (event: ShownEvent): Row<ShownEvent> => {
  const row = element("tr");
  const source = [event.sourceType, event.sourceId].filter((each) => each !== "").join(" ");
  const cells: readonly (readonly [text: string, className?: string])[] = [
    [new Date(event.at).toLocaleTimeString()],
    [event.kind],
    [event.path, "long"],
    [source, "long"],
    [event.verdict],
    [event.requestId, "long faint"],
  ];
  for (const [text, className = ""] of cells) row.append(element("td", { text, className }));
  return { element: row, update: () => undefined };
};
