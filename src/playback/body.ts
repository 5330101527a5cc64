import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { type ByteRange, parseRange } from "../http/range.ts";
import type { Excerpt } from "./excerpt.ts";
import { bytesBetween, sizeOf } from "./piece.ts";

/** What a body is sent with. */
export interface BodyContext {
  /** Under which name a browser keeps it rather than plays it; undefined where that is up to the browser. */
  readonly fileName?: string | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The answer may take longer: called while it goes on. */
  readonly extend: () => void;
}

/** A video, or the range of it that was asked for. Files are let go of when it is over, however that comes. */
export const videoResponse = (
  excerpt: Excerpt,
  rangeHeader: string | null,
  context: BodyContext,
): Response => {
  const size = sizeOf(excerpt.pieces);
  const range = parseRange(rangeHeader, size);
  if (range === "none") {
    excerpt.release();
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${size}` } });
  }
  const { from, to } = range ?? { from: 0, to: size };
  const headers: Record<string, string> = {
    "Content-Type": "video/mp4",
    "Accept-Ranges": "bytes",
    "Content-Length": String(to - from),
  };
  if (context.fileName !== undefined) headers["Content-Disposition"] = attachment(context.fileName);
  if (range) headers["Content-Range"] = `bytes ${from}-${to - 1}/${size}`;
  return new Response(streamOf(excerpt, { from, to }, context), { status: range ? 206 : 200, headers });
};

/** RFC 6266: the name as it is for those who read UTF-8, and in ASCII for the rest. Quotes and escapes never stand in it as they are. */
const attachment = (fileName: string): string => {
  const plain = fileName.replace(/[^\w.-]/g, "_");
  const exact = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
};

const streamOf = (
  { pieces, release }: Excerpt,
  range: ByteRange,
  { log, signal, extend }: BodyContext,
): ReadableStream<Uint8Array> => {
  const bytes = bytesBetween(pieces, range);
  signal.addEventListener("abort", release, { once: true });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        extend();
        const { value, done } = await bytes.next();
        if (value) controller.enqueue(value);
        if (!done) return;
        release();
        controller.close();
      } catch (error) {
        release();
        log.warn("a recording could not be played to its end", { error: messageOf(error) });
        controller.error(error);
      }
    },
    async cancel() {
      release();
      await bytes.return(undefined);
    },
  });
};
