import { Program } from "./program.ts";

/** rtmpdump saving a live stream to a file. */
export const dump = (url: string, file: string): Program =>
  new Program(["rtmpdump", "-q", "--live", "-r", url, "-o", file]);
