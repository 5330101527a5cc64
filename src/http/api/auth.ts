import { type ApiRoute, ok, okSchema } from "./route.ts";

/** Whoever knows the keys that tokens are signed with. */
export interface KeysPort {
  /** The next token is checked by keys that are fetched anew. */
  refreshJwks(): void | Promise<void>;
}

/** `/v3/auth/jwks/refresh` */
export const authRoutes = (keys: KeysPort): readonly ApiRoute[] => [
  {
    method: "POST",
    path: "/v3/auth/jwks/refresh",
    summary: "forgets the keys that tokens are signed with, so that they are fetched anew",
    answer: okSchema,
    handle: async () => {
      await keys.refreshJwks();
      return ok();
    },
  },
];
