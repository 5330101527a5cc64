import { parseStreamPath, type StreamPath } from "../../base/stream-path.ts";
import { parseControlUrl } from "../control-url.ts";

/** What a client named: the stream, and what it put behind a question mark (credentials live there: never log it). */
export interface StreamName {
  readonly path: StreamPath;
  readonly query: string;
}

/** The longest query taken over, in characters. */
const maxQueryLength = 4_096;

/** The stream that a request's URL names, and its track where it names one. @throws RefusedError BAD_STREAM_NAME */
export const nameOfUrl = (url: string): { readonly name: StreamName; readonly track: number | undefined } => {
  const { path, query, track } = parseControlUrl(url);
  return { name: { path: parseStreamPath(path), query: query.substring(0, maxQueryLength) }, track };
};
