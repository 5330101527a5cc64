import { ConfigError } from "../base/errors.ts";
import { formatDuration } from "../base/units.ts";
import { durationFrom, longest, parseQueueBound } from "./hook-values.ts";
import {
  integerFrom,
  nonEmpty,
  type Option,
  oneOf,
  optionalOption,
  switchOption,
  valueOption,
} from "./option.ts";

const delivering = "Hooks: delivery";

const duration = durationFrom("1ms", longest);

/** Attempts beyond this are a mistake: at the longest delays they take days. */
const maxAttempts = 1_000;

/** How events are delivered, and kept until they are. */
export const hookDeliveryOptions = {
  hookGuarantee: valueOption(
    {
      flag: "hook-delivery-guarantee",
      group: delivering,
      help: "none, or at-least-once: events are kept on disk until they are delivered, over failures and restarts",
    },
    { placeholder: "LEVEL", fallback: "none", parse: oneOf(["none", "at-least-once"] as const) },
  ),
  hookDeliveryTimeoutMs: valueOption(
    {
      flag: "hook-delivery-timeout",
      group: delivering,
      help: "how long to wait until a delivery is confirmed; --hook-timeout where that is shorter",
    },
    { placeholder: "DURATION", fallback: "30s", parse: duration },
  ),
  hookRetryMaxAttempts: optionalOption(
    {
      flag: "hook-retry-max-attempts",
      group: delivering,
      help: "attempts in all, the first one too; 1 by default, and with at-least-once as many as fit into a day",
    },
    { placeholder: "N", parse: integerFrom(1, maxAttempts) },
  ),
  hookRetryInitialDelayMs: valueOption(
    { flag: "hook-retry-initial-delay", group: delivering, help: "time before the second attempt" },
    { placeholder: "DURATION", fallback: "1s", parse: duration },
  ),
  hookRetryMaxDelayMs: valueOption(
    { flag: "hook-retry-max-delay", group: delivering, help: "longest time between two attempts" },
    { placeholder: "DURATION", fallback: "60s", parse: duration },
  ),
  hookRetryBackoff: valueOption(
    {
      flag: "hook-retry-backoff",
      group: delivering,
      help: "how the time between attempts grows: exponential, linear or fixed",
    },
    {
      placeholder: "HOW",
      fallback: "exponential",
      parse: oneOf(["exponential", "linear", "fixed"] as const),
    },
  ),
  hookRetryJitter: switchOption(
    { flag: "hook-retry-jitter", group: delivering, help: "vary that time by up to a fifth" },
    true,
  ),
  hookDeadLetterUrl: optionalOption(
    {
      flag: "hook-dead-letter-url",
      group: delivering,
      help: "POST what could not be delivered here; it is kept on disk in any case",
      isSecret: true,
    },
    { placeholder: "URL", parse: nonEmpty("a URL") },
  ),
  hookDataDir: valueOption(
    { flag: "hook-data-dir", group: delivering, help: "where events that wait for delivery are kept" },
    { placeholder: "DIR", fallback: "./data", parse: nonEmpty("a directory") },
  ),
  hookQueueMax: valueOption(
    {
      flag: "hook-queue-max",
      group: delivering,
      help: "how much may wait on disk: bytes with a unit (1G), events without (1000000), or both",
    },
    { placeholder: "SIZE,EVENTS", fallback: "1G,1000000", parse: parseQueueBound },
  ),
  hookDrainTimeoutMs: valueOption(
    {
      flag: "hook-drain-timeout",
      group: delivering,
      help: "how long a stop waits for deliveries that are under way",
    },
    { placeholder: "DURATION", fallback: "10s", parse: durationFrom("0", "24h") },
  ),
} as const satisfies Record<string, Option<unknown>>;

type DeliveryOptions = typeof hookDeliveryOptions;

/**
 * Looks at what the options say together.
 * @throws ConfigError where the first delay between attempts is longer than the longest
 */
export const checkHookDelivery = (
  config: {
    readonly [Key in keyof DeliveryOptions]: ReturnType<DeliveryOptions[Key]["parse"]>;
  } & { readonly given: ReadonlySet<string> },
): void => {
  const { hookRetryInitialDelayMs: initial, hookRetryMaxDelayMs: max, given } = config;
  const [first, last] = [
    hookDeliveryOptions.hookRetryInitialDelayMs.flag,
    hookDeliveryOptions.hookRetryMaxDelayMs.flag,
  ];
  // Where one is typed, the default of the other, or what a file says, gives way to it.
  if (given.has(first) && given.has(last) && initial > max) {
    throw new ConfigError(
      `--${first}: ${formatDuration(initial)}, expected at most the ${formatDuration(max)} of --${last}`,
    );
  }
};
