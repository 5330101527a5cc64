import * as fc from "fast-check";

// `fc.assert` gives a promise for asynchronous properties only, which the linter cannot tell from its type.
const assertNow: <T>(property: fc.IProperty<T>, parameters?: fc.Parameters<T>) => void = fc.assert;

/** Checks a synchronous property. @throws Error with the smallest counterexample when it does not hold */
export const holds = <T>(property: fc.IProperty<T>, parameters?: fc.Parameters<T>): void =>
  assertNow(property, parameters);
