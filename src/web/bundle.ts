import { join } from "node:path";
import { filesPath, type WebFile } from "./web-file.ts";

/** The pages that are programs of their own, by the folder that they are written in. */
export type WebProgram = (typeof webPrograms)[number];

/** All of them. */
export const webPrograms = ["player", "dashboard", "orchestrator"] as const;

/**
 * The files of a page, bundled for browsers. Run from source this bundles them when asked; the executable has another file in the place of this
 * one, made by `build.ts`, which holds what this would give.
 * @throws Error where a page does not build
 */
export const bundle = async (program: WebProgram): Promise<readonly WebFile[]> => {
  const { success, outputs, logs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "pages", program, "index.html")],
    target: "browser",
    format: "esm",
    minify: true,
    splitting: true,
    publicPath: filesPath,
    naming: {
      entry: "[name].[ext]",
      chunk: `${program}-[name]-[hash].[ext]`,
      asset: `${program}-[name]-[hash].[ext]`,
    },
  });
  if (!success) throw new Error(`the ${program} page does not build: ${logs.join("; ")}`);
  return await Promise.all(
    outputs.map(async (output) => ({
      name: output.path.replace(/^.*\//, ""),
      type: output.type,
      text: await output.text(),
    })),
  );
};
