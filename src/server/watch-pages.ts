import type { Resource } from "../http/resource.ts";
import { flvHandler } from "../http/watch/flv.ts";
import { watchResource } from "../http/watch/front.ts";
import { hlsHandler } from "../http/watch/hls.ts";
import { WebPage } from "../http/web-page.ts";
import { bundle } from "../web/bundle.ts";
import type { House } from "./house.ts";

/** Everything from here; players of media keep what they gather in blobs. */
const playerPolicy =
  "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

const player = new WebPage({ files: () => bundle("player"), policy: playerPolicy });

/** What is served to those who watch in a browser, or by any program that reads HTTP. */
export const watchPages = ({ flv: sessions, hls, registry }: House): readonly Resource[] => [
  player.resource,
  watchResource({
    page: (request) => player.document(request),
    flv: flvHandler({ sessions, registry }),
    hls: hlsHandler(hls),
  }),
];
