import type { StreamPath } from "../base/stream-path.ts";
import type { Permission } from "../config/server/auth-settings.ts";
import { parsePathPattern } from "../config/server/path-name.ts";
import type { AccessAction } from "../stream/admission.ts";

/** What is asked for. */
export interface Wish {
  readonly action: AccessAction;
  readonly path: StreamPath | undefined;
}

type PathTest = (path: string) => boolean;

/** Actions that are about a path. */
const pathActions: ReadonlySet<AccessAction> = new Set(["publish", "read", "playback"]);

const pathTestOf = (text: string): PathTest => {
  if (text === "") return () => true;
  if (!text.startsWith("~")) return (path) => path === text;
  const regex = parsePathPattern(text);
  return (path) => regex.matcher(path).find();
};

/** What somebody may do. */
export class PermissionSet {
  readonly #tests = new Map<AccessAction, PathTest[]>();

  /** @throws ConfigError for a path that is no regular expression behind its `~` */
  constructor(permissions: readonly Permission[]) {
    for (const { action, path } of permissions) {
      const tests = this.#tests.get(action) ?? [];
      tests.push(pathActions.has(action) ? pathTestOf(path) : () => true);
      this.#tests.set(action, tests);
    }
  }

  /** Whether one of the permissions fits. */
  permits({ action, path = "" as StreamPath }: Wish): boolean {
    return this.#tests.get(action)?.some((test) => test(path)) ?? false;
  }
}
