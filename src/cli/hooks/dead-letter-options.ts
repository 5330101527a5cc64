import { ConfigError, forFlag } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { parseDuration } from "../../base/units.ts";
import { hookDeliveryOptions } from "../../config/hook-delivery-options.ts";
import { integerFrom, nonEmpty, oneOf, optionalOption, switchOption } from "../../config/option.ts";
import { deadReasons } from "../../hooks/delivery/delivery.ts";
import { parseRate } from "../../hooks/filter/rate-limit.ts";
import type { DeadLetterFilter } from "../../hooks/store/dead-letters.ts";
import {
  type CommandValues,
  face,
  hookIdOption,
  jsonOption,
  parseStreamKey,
  typeOption,
} from "./command-options.ts";

/** Which dead letters are meant, and where they lie. */
export const filterOptions = {
  dataDir: hookDeliveryOptions.hookDataDir,
  hook: hookIdOption("those of one hook"),
  type: typeOption("those of one type of event"),
  stream: optionalOption(face("stream", "those of one stream, such as live/test"), {
    placeholder: "KEY",
    parse: parseStreamKey,
  }),
  since: optionalOption(
    face("since", "those given up in the last 2h, or since a time such as 2026-01-31T12:00:00Z"),
    { placeholder: "WHEN", parse: (text) => text },
  ),
  reason: optionalOption(face("reason", `those given up because of ${deadReasons.join(", ")}`), {
    placeholder: "REASON",
    parse: oneOf(deadReasons),
  }),
  id: optionalOption(face("id", "one, by its number or by the id of its event"), {
    placeholder: "ID",
    parse: nonEmpty("the number of a dead letter, or the id of an event"),
  }),
  json: jsonOption,
};

/** `--limit N` */
export const limitOption = (help: string) =>
  optionalOption(face("limit", help), { placeholder: "N", parse: integerFrom(1, 1_000_000_000) });

/** `--rate N/s` */
export const rateOption = optionalOption(face("rate", "at most so many in a time, such as 20/s or 100/10s"), {
  placeholder: "N/TIME",
  parse: (text) => parseRate(text.replace(/\/(?=[a-zµ]+$)/, "/1")),
});

/** `--yes` */
export const yesOption = switchOption(face("yes", "really all of them, where no filter is given"), false);

/**
 * Unix milliseconds of `2h` before `now`, or of a time in RFC 3339.
 * @throws ConfigError
 */
export const parseSince = (text: string, now: number): number => {
  if (/^\d{4}-/.test(text)) {
    const isTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text);
    const at = isTime ? Date.parse(text.replace(" ", "T")) : Number.NaN;
    if (!Number.isNaN(at)) return at;
  } else {
    try {
      return now - parseDuration(text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  throw new ConfigError(
    `${printable(text)}, expected a duration such as 2h, or a time such as 2026-01-31T12:00:00Z`,
  );
};

/** The filter that was typed. @throws ConfigError */
export const filterOf = (
  { id, hook: hookId, type, stream, reason, since }: CommandValues<typeof filterOptions>,
  now: number,
): DeadLetterFilter => ({
  ...(id === undefined ? {} : { id }),
  ...(hookId === undefined ? {} : { hookId }),
  ...(type === undefined ? {} : { type }),
  ...(stream === undefined ? {} : { stream }),
  ...(reason === undefined ? {} : { reason }),
  ...(since === undefined ? {} : { since: forFlag("since", () => parseSince(since, now)) }),
});
