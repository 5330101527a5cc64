import type { Delivery } from "./delivery.ts";

/**
 * Deliveries in the order of their events. Stored ones and others may come one after the other though their events did not, and scripts need
 * theirs in order; deliveries that are all of one kind are in order.
 */
export const inOrder = (deliveries: readonly Delivery[]): readonly Delivery[] => {
  const stored = deliveries.filter(({ row }) => row !== undefined).length;
  if (stored === 0 || stored === deliveries.length) return deliveries;
  return deliveries.toSorted((a, b) => a.event.at - b.event.at || (a.event.id < b.event.id ? -1 : 1));
};
