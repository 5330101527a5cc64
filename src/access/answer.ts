import type { Admission, Credentials } from "../stream/admission.ts";

/** Yes, to somebody who proved who they are. */
export const allow = (user: string): Admission => ({ isAllowed: true, user });

/** Yes, to anybody: what was shown may be wrong, and proves nothing. */
export const allowAnybody = (user: string): Admission => ({ isAllowed: true, user, isForAnybody: true });

/** Whether anybody would have got this answer, whatever they showed. */
export const isForAnybody = (admission: Admission): boolean =>
  admission.isAllowed && admission.isForAnybody === true;

/** What a no may be about. */
export type Refusal = Extract<Admission, { isAllowed: false }>;

/** No, at once. `message` goes to the log: no secrets. */
export const refuse = (reason: Refusal["reason"], message: string): Refusal => ({
  isAllowed: false,
  reason,
  message,
  delayMs: 0,
});

/** Whether somebody showed nothing that could prove who they are. */
export const showsNothing = ({ user, password, token }: Credentials): boolean =>
  user === "" && password === "" && token === "";

/** Who is asked has this long, in milliseconds, so that an answer is there within three seconds. */
export const askingMs = 2_800;
