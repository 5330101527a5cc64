import * as v from "valibot";
import { duration, integer, optional, text, truth, unserved, word } from "../../config/field.ts";
import { list, section } from "../../config/section.ts";
import { backoffs, guarantees, orderings } from "../delivery/policy.ts";
import { redactUrl } from "../webhook/webhook-url.ts";

/** When a failed execution is tried again. */
export const retrySection = v.pipe(
  section("when a failed execution is tried again", {
    max_attempts: optional(
      integer(
        "attempts in all, the first one too; 1 by default, or as many as fit into max_age with at-least-once",
        {
          min: 1,
          max: 1_000,
        },
      ),
    ),
    initial_delay: optional(duration("time before the second attempt; 1s by default")),
    max_delay: optional(duration("longest time between two attempts; 60s by default")),
    backoff_strategy: optional(
      word("how the time between two attempts grows: exponential (default), linear or fixed", backoffs),
    ),
    jitter: optional(truth("varies each delay by up to a fifth; on by default")),
    retryable_errors: optional(
      list(
        "what is worth another attempt: 429, 5xx, timeout, ECONNREFUSED, ECONN* or part of the error's text",
        text("a status, a class of them, a code or part of a text"),
      ),
    ),
  }),
  v.forward(
    v.check(
      ({ initial_delay = 0, max_delay = Number.POSITIVE_INFINITY }) => initial_delay <= max_delay,
      "shorter than initial_delay",
    ),
    ["max_delay"],
  ),
);

const deliveryEntries = {
  guarantee_level: optional(
    word("none (default) keeps events in memory, at-least-once on disk until they are delivered", guarantees),
  ),
  confirm_timeout: optional(duration("how long an answer may take; the shorter of this and timeout counts")),
  max_age: optional(
    duration("an event older than this is not tried again; 24h by default, 1h for telemetry"),
  ),
  ordering: optional(
    word(
      "what waits for what: events of one stream (default), all events of the hook, or nothing",
      orderings,
    ),
  ),
  max_rate: optional(
    unserved(
      "executions per second",
      "is not available, expected filter.rate_limit, which leaves events out",
    ),
  ),
};

/** What is promised about the events of one hook. */
export const deliverySection = section("what is promised about events", {
  ...deliveryEntries,
  dead_letter_url: optional(
    unserved("see default_config", "is one for all hooks, expected it in default_config.delivery"),
  ),
});

/** The same for all hooks, and where events go that could not be delivered. */
export const sharedDeliverySection = section("what is promised about events", {
  ...deliveryEntries,
  dead_letter_url: optional(
    text("where events that could not be delivered are posted to, beside being kept", {
      shown: (url) => redactUrl(String(url)),
    }),
  ),
});

/** What {@link retrySection} gives. */
export type RetryFile = v.InferOutput<typeof retrySection>;
/** What {@link sharedDeliverySection} gives; what {@link deliverySection} gives is one too. */
export type DeliveryFile = v.InferOutput<typeof sharedDeliverySection>;
