import { createHash, randomBytes } from "node:crypto";

/**
 * The `traceparent` of one request (W3C Trace Context): all requests about an event share a trace, each is a span of its own. The
 * trace is the UUID within the event's id, so that it can be found by eye, else a hash of the id.
 */
export const traceParent = (eventId: string): string => {
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(eventId)?.[0];
  const trace = uuid
    ? uuid.replaceAll("-", "").toLowerCase()
    : createHash("sha256").update(eventId).digest("hex").substring(0, 32);
  return `00-${trace}-${randomBytes(8).toString("hex")}-01`;
};
