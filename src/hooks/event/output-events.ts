import { type EventDefinition, field, lifecycle, reason } from "./event-definition.ts";

const target = field("target", "s", "where it is pushed to, without credentials and stream key");

/** The events of recordings and of pushes to other servers. */
export const outputEvents = [
  lifecycle("recording_segment_create", "a recording began a file", [field("segment_path", "s", "the file")]),
  lifecycle("recording_segment_complete", "a recording finished a file", [
    field("segment_path", "s", "the file"),
    field("segment_duration", "f", "seconds of media in it"),
    field("bytes", "i", "its size"),
  ]),
  lifecycle("relay_start", "a push to another server was accepted there", [target]),
  lifecycle("relay_stop", "a push to another server ended with its stream", [target, reason]),
  {
    type: "relay_error",
    class: "error",
    severity: "error",
    trigger: "a push to another server failed; it is tried again",
    fields: [
      target,
      field("reason", "s", "what went wrong"),
      field("attempt", "i", "attempts that failed in a row"),
    ],
  },
] as const satisfies readonly EventDefinition[];
