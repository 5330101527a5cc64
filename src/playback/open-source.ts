import { extname } from "node:path";
import type { Medium } from "../archive/medium.ts";
import { openFlvSource } from "./flv-source.ts";
import { openMp4Source } from "./mp4-source.ts";
import type { Source } from "./source.ts";
import { openTsSource } from "./ts-source.ts";

/** Opens a recording, whatever its form. @throws TransportError DISK for one that cannot be played; an error of the operating system */
export const openSource = (medium: Medium): Promise<Source> => {
  switch (extname(medium.path)) {
    case ".mp4":
      return openMp4Source(medium);
    case ".flv":
      return openFlvSource(medium);
    default:
      return openTsSource(medium);
  }
};
