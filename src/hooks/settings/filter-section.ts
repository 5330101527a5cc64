import * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { duration, field, integer, optional, shownValue, text, truth, word } from "../../config/field.ts";
import { list, oneOrMore, section } from "../../config/section.ts";
import { severities } from "../event/hook-event.ts";
import { checkCondition } from "../filter/condition.ts";
import { checkField } from "../filter/field-path.ts";
import { type ConditionValue, operators, rateKeys } from "../filter/filter-settings.ts";
import { compileStreamPatterns } from "../filter/stream-pattern.ts";

const isScalar = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);

const conditionValue = field<ConditionValue>(
  "what the field is compared with: text, a number, true or false, or a list of them for the operator in",
  (value) => {
    if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) return value;
    throw new ConfigError(`${shownValue(value)}, expected text, a number, true, false or a list of them`);
  },
  {
    jsonSchema: {
      type: ["string", "number", "boolean", "array"],
      items: { type: ["string", "number", "boolean"] },
    },
  },
);

const condition = v.pipe(
  section("what an event has to fulfil", {
    field: text("dotted path into the event, such as conn_id or data.bitrate", {
      parse: (path) => {
        checkField(path);
        return path;
      },
    }),
    operator: word("how the field is compared with the value", operators),
    value: optional(conditionValue),
  }),
  v.forward(
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { value, ...rest } = dataset.value;
      try {
        checkCondition({ ...rest, value });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        addIssue({ message: error.message });
      }
    }),
    ["value"],
  ),
);

/** A glob, as it was given. */
const streamPattern = text("such as live/* or !live/test", {
  parse: (pattern) => {
    compileStreamPatterns([pattern]);
    return pattern;
  },
});

const rateLimit = section("how many events may pass; the others are filtered out", {
  max_events: integer("events in each time_window", { min: 1, max: 1_000_000 }),
  time_window: duration("the time that max_events is meant for"),
  burst_size: optional(
    integer("events that may pass at once; max_events by default", { min: 1, max: 1_000_000 }),
  ),
  key: optional(
    word("what has a limit of its own: the hook (default), each stream, connection or event type", rateKeys),
  ),
  strict: optional(truth("never lets more than max_events pass in any time_window; off by default")),
});

/** Which events a hook gets. All of it has to let an event pass. */
export const filterSection = section("which events the hook gets of those it is bound to", {
  event_types: optional(oneOrMore("types of events", text("an event type, or * for all"))),
  stream_patterns: optional(
    oneOrMore("globs on the stream key, one of which has to fit; a leading ! excludes", streamPattern),
  ),
  require_stream: optional(
    truth("keeps events without a stream from passing stream_patterns; off by default"),
  ),
  conditions: optional(list("all of them have to be fulfilled", condition)),
  rate_limit: optional(rateLimit),
  min_severity: optional(word("the least severity; all by default", severities)),
});

/** What {@link filterSection} gives. */
export type FilterFile = v.InferOutput<typeof filterSection>;
