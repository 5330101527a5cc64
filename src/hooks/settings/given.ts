/** `Value` with keys left out that may be undefined. */
export type Given<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key];
} & {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<Value[Key], undefined>;
};

/** The keys of `value` that are not undefined. */
export const givenOf = <Value extends object>(value: Value): Given<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Given<Value>;

/** The same, and undefined where there is none. */
export const anyGivenOf = <Value extends object>(value: Value): Given<Value> | undefined => {
  const given = givenOf(value);
  return Object.keys(given).length > 0 ? given : undefined;
};
