/** One line of a scrape. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All lines of one metric. */
export interface ParsedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly ParsedSample[];
}

const fail = (line: string, why: string): never => {
  throw new Error(`${why}: ${JSON.stringify(line)}`);
};

/** Undoes the escapes of a text. @throws Error for a backslash before anything else */
const unescaped = (text: string, known: Readonly<Record<string, string>>): string =>
  text.replace(/\\(.?)/gs, (whole, letter: string) => known[letter] ?? fail(text, `escape ${whole}`));

const parseValue = (text: string, line: string): number => {
  if (text === "NaN") return Number.NaN;
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?$/.test(text)) fail(line, `value ${text}`);
  return Number(text);
};

const parseLabels = (text: string, line: string): Record<string, string> => {
  const labels: Record<string, string> = Object.create(null);
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(,|$)/y;
  let end = 0;
  while (end < text.length) {
    pair.lastIndex = end;
    const match = pair.exec(text);
    const [whole = "", name = "", value = "", comma] = match ?? fail(line, `labels from ${end}`);
    if (name in labels) fail(line, `label ${name} twice`);
    labels[name] = unescaped(value, { "\\": "\\", '"': '"', n: "\n" });
    end += whole.length;
    if (comma === "," && end === text.length) fail(line, "comma at the end of the labels");
  }
  return labels;
};

const parseSample = (line: string): ParsedSample => {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? ([^ {}"]+)$/s.exec(line);
  const [, name = "", labels = "", value = ""] = match ?? fail(line, "no sample");
  return { name, labels: parseLabels(labels, line), value: parseValue(value, line) };
};

/** The buckets of each series rise, end with +Inf, and agree with its count. */
const checkHistogram = ({ name, samples }: ParsedFamily): void => {
  const series = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, lines] of series) {
    const names = lines.map((line) => line.name);
    const buckets = lines.filter((line) => line.name === `${name}_bucket`);
    const expected = [...buckets.map(() => `${name}_bucket`), `${name}_sum`, `${name}_count`];
    if (names.join() !== expected.join()) fail(key, `lines of a histogram ${names.join()}`);
    const bounds = buckets.map(({ labels, name }) => parseValue(labels.le ?? fail(name, "no le"), name));
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) fail(key, "no bucket +Inf");
    for (let index = 1; index < buckets.length; index++) {
      if (!(bounds[index]! > bounds[index - 1]!)) fail(key, "bounds do not rise");
      if (!(buckets[index]!.value >= buckets[index - 1]!.value)) fail(key, "buckets are not cumulative");
    }
    if (lines.at(-1)?.value !== buckets.at(-1)?.value) fail(key, "count is not that of +Inf");
  }
};

const suffixes = { counter: [""], gauge: [""], histogram: ["_bucket", "_sum", "_count"] } as const;

const checkFamily = (family: ParsedFamily): void => {
  const { name, type, samples } = family;
  const seen = new Set<string>();
  for (const sample of samples) {
    if (!suffixes[type].some((suffix) => sample.name === name + suffix)) fail(sample.name, `not of ${name}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) fail(key, "the same series twice");
    seen.add(key);
    if (type === "counter" && !(sample.value >= 0)) fail(key, `counter of ${sample.value}`);
  }
  if (type === "histogram") checkHistogram(family);
};

/**
 * Reads the text format of Prometheus, version 0.0.4, as strictly as it can be read: HELP and TYPE before each metric's lines, every
 * metric in one place, no series twice, whole histograms. Gives the metrics by name.
 * @throws Error with the line and what is wrong with it
 */
export const parseExposition = (text: string): ReadonlyMap<string, ParsedFamily> => {
  const families = new Map<string, ParsedFamily>();
  if (text === "") return families;
  const lines = text.split("\n");
  if (lines.pop() !== "") fail(text, "no line feed at the end");
  let samples: ParsedSample[] | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (!line.startsWith("#")) {
      (samples ?? fail(line, "sample before HELP and TYPE")).push(parseSample(line));
      continue;
    }
    const [, name = "", help = ""] = /^# HELP (\S+) (.*)$/s.exec(line) ?? fail(line, "no HELP");
    index++;
    const next = lines[index] ?? "";
    const match = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(next) ?? fail(next, "no TYPE");
    if (match[1] !== name) fail(next, `not of ${name}`);
    if (families.has(name)) fail(line, "the same metric twice");
    samples = [];
    const type = match[2] as ParsedFamily["type"];
    families.set(name, { name, help: unescaped(help, { "\\": "\\", n: "\n" }), type, samples });
  }
  for (const family of families.values()) checkFamily(family);
  return families;
};

/** The value of one series of a scrape; undefined where it is not there. */
export const valueIn = (
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined => {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  for (const { samples } of families.values())
    for (const sample of samples)
      if (sample.name === name && JSON.stringify(Object.entries(sample.labels).sort()) === wanted)
        return sample.value;
  return undefined;
};

/** Metrics without HELP and TYPE, under a comment that names them. */
export interface ParsedBlock {
  readonly title: string;
  readonly samples: readonly ParsedSample[];
}

/** The whole of a page of metrics: blocks in MediaMTX's form, then metrics with HELP and TYPE. */
export interface ParsedPage {
  readonly blocks: readonly ParsedBlock[];
  readonly families: ReadonlyMap<string, ParsedFamily>;
}

/**
 * Reads a page as strictly as {@link parseExposition}: no series stands twice in it, and no metric is with a TYPE here and without one
 * there.
 * @throws Error with the line and what is wrong with it
 */
export const parsePage = (text: string): ParsedPage => {
  const blocks: ParsedBlock[] = [];
  let rest = text;
  while (rest !== "" && !rest.startsWith("# HELP ")) {
    const end = rest.indexOf("\n\n");
    if (end === -1) fail(rest, "block without an empty line at its end");
    const [head = "", ...lines] = rest.substring(0, end).split("\n");
    const [, title = ""] = /^# (?!TYPE )(\S.*)$/.exec(head) ?? fail(head, "no title");
    blocks.push({ title, samples: lines.map(parseSample) });
    rest = rest.substring(end + 2);
  }
  const families = parseExposition(rest);
  const typed = new Set([...families.values()].flatMap(({ samples }) => samples.map(({ name }) => name)));
  const seen = new Set<string>();
  for (const { samples } of blocks) {
    for (const { name, labels, value } of samples) {
      const key = JSON.stringify([name, Object.entries(labels).sort()]);
      if (seen.has(key)) fail(key, "the same series twice");
      seen.add(key);
      if (typed.has(name) || families.has(name)) fail(name, "with a TYPE and without");
      if (!(value >= 0)) fail(key, `value ${value}`);
    }
  }
  return { blocks, families };
};
