import type { Handler, Method, Resource } from "./resource.ts";

/** Where a request leads. */
export type Route =
  | {
      readonly kind: "handler";
      readonly handle: Handler;
      readonly name: string;
      readonly isUnguarded: boolean;
    }
  /** There is something, with or without a slash at the end of its path. */
  | { readonly kind: "elsewhere"; readonly path: string };

interface Entry {
  readonly handle: Handler;
  readonly isUnguarded: boolean;
}

type Methods = Map<string, Entry>;

interface Parameterised {
  /** What stands in front of the parameter, with its slash. */
  readonly prefix: string;
  readonly takesSlashes: boolean;
  readonly methods: Methods;
}

const parameter = /\{\w+(\.{3})?\}$/;

/** Finds the handler for a method and a decoded path. */
export class Router {
  readonly #exact = new Map<string, Methods>();
  readonly #parameterised: readonly Parameterised[];

  /** Several resources may share a path, each with its methods. */
  constructor(resources: readonly Resource[]) {
    const byPath = new Map<string, Methods>();
    for (const { path, methods, isUnguarded = false } of resources) {
      const known: Methods = byPath.get(path) ?? new Map();
      for (const [method, handle] of Object.entries(methods)) known.set(method, { handle, isUnguarded });
      byPath.set(path, known);
    }
    const parameterised: Parameterised[] = [];
    for (const [path, methods] of byPath) {
      const [placeholder, dots] = parameter.exec(path) ?? [];
      if (placeholder === undefined) this.#exact.set(path, methods);
      else {
        const prefix = path.substring(0, path.length - placeholder.length);
        parameterised.push({ prefix, takesSlashes: dots !== undefined, methods });
      }
    }
    // The longest first: it says the most.
    this.#parameterised = parameterised.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** Undefined where nothing is. */
  find(method: Method | string, path: string): Route | undefined {
    const found = this.#handler(method, path);
    if (found) return found;
    const other = path.endsWith("/") ? path.substring(0, path.length - 1) : `${path}/`;
    return this.#handler(method, other) ? { kind: "elsewhere", path: other } : undefined;
  }

  #handler(method: string, path: string): Route | undefined {
    const exact = this.#exact.get(path)?.get(method);
    if (exact) return routeTo(exact, "");
    for (const { prefix, takesSlashes, methods } of this.#parameterised) {
      if (!path.startsWith(prefix)) continue;
      const name = path.substring(prefix.length);
      const entry = methods.get(method);
      if (entry && (takesSlashes || (name !== "" && !name.includes("/")))) return routeTo(entry, name);
    }
    return undefined;
  }
}

const routeTo = ({ handle, isUnguarded }: Entry, name: string): Route => ({
  kind: "handler",
  handle,
  name,
  isUnguarded,
});
