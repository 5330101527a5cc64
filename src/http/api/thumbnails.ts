import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { nameOf } from "./paths.ts";
import type { ApiRoute } from "./route.ts";

/** Pictures of what is published. */
export interface ThumbnailsPort {
  /** Widths that a picture may be asked for in, in pixels. */
  readonly widths: { readonly least: number; readonly usual: number; readonly most: number };
  /** A JPEG of a path's newest key frame. @throws RefusedError STREAM_NOT_FOUND, NO_PICTURE, NO_FFMPEG; TransportError */
  pictureOf(name: string, width: number): Promise<Uint8Array>;
}

/** `/v3/paths/thumbnail/…` */
export const thumbnailRoutes = ({ widths, pictureOf }: ThumbnailsPort): readonly ApiRoute[] => {
  const { least, usual, most } = widths;
  return [
    {
      method: "GET",
      path: "/v3/paths/thumbnail/{name...}",
      summary: "shows the newest key frame of a path as a picture",
      query: [
        {
          name: "width",
          description: "of the picture, in pixels; never more than that of the stream",
          schema: { type: "integer", minimum: least, maximum: most, default: usual },
        },
      ],
      answer: "image/jpeg",
      refusals: [400, 404, 501, 502, 503, 504],
      handle: async (_, call) => {
        const jpeg = await pictureOf(nameOf(call), widthOf(call.query.get("width") ?? "", widths));
        return new Response(jpeg, { headers: { "Content-Type": "image/jpeg", "Cache-Control": "no-store" } });
      },
    },
  ];
};

const widthOf = (given: string, { least, usual, most }: ThumbnailsPort["widths"]): number => {
  if (given === "") return usual;
  const width = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (width >= least && width <= most) return width;
  throw new ConfigError(`width ${printable(given)}, expected a whole number from ${least} to ${most}`);
};
