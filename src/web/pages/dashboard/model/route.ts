/** The parts of the page. */
export const sections = [
  "streams",
  "connections",
  "recordings",
  "hooks",
  "relays",
  "alerts",
  "configuration",
] as const;
/** One of them. */
export type Section = (typeof sections)[number];

/** What the page shows: a part of it, and in it perhaps one thing by its name. */
export interface Route {
  readonly section: Section;
  /** Empty for all. */
  readonly name: string;
}

/** Reads what stands behind the hash of the page's address, as {@link hashOf} writes it. Whatever cannot be read leads to the beginning. */
export const parseHash = (hash: string): Route => {
  const [, word = "", escaped = ""] = /^#\/([a-z]+)(?:\/(.*))?$/s.exec(hash) ?? [];
  const section = sections.find((each) => each === word);
  if (!section) return { section: "streams", name: "" };
  try {
    return { section, name: decodeURIComponent(escaped) };
  } catch {
    return { section, name: "" };
  }
};

/** The address of a part of the page. */
export const hashOf = (section: Section, name = ""): string =>
  name === "" ? `#/${section}` : `#/${section}/${encodeURIComponent(name)}`;
