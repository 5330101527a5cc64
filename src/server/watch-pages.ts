import { findPathConfig } from "../config/server/path-lookup.ts";
import type { Resource } from "../http/resource.ts";
import { type FirstSteps, firstStepsResource } from "../http/watch/first-steps.ts";
import { flvHandler } from "../http/watch/flv.ts";
import { watchResource } from "../http/watch/front.ts";
import { hlsHandler } from "../http/watch/hls.ts";
import { streamStateResource } from "../http/watch/stream-state.ts";
import { WebPage } from "../http/web-page.ts";
import { bundle } from "../web/bundle.ts";
import type { House } from "./house.ts";
import type { RtmpPorts } from "./rtmp-ports.ts";
import type { RunConfig } from "./run-config.ts";

/** Everything from here; players of media keep what they gather in blobs. Any page may show it in a frame: that is what players are for. */
const playerPolicy =
  "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

const player = new WebPage({ files: () => bundle("player"), policy: playerPolicy });

/** What is served to those who watch in a browser, or by any program that reads HTTP. */
export const watchPages = (house: House & { readonly ports: RtmpPorts }): readonly Resource[] => {
  const { flv: sessions, hls, registry, config, ports } = house;
  return [
    player.resource,
    streamStateResource({ registry, isOnDemand: (path) => isOnDemand(config(), path) }),
    firstStepsResource(() => ({
      rtmp: ports.port("rtmp") ?? null,
      rtmps: ports.port("rtmps") ?? null,
      login: loginOf(config()),
    })),
    watchResource({
      page: (request) => player.document(request),
      flv: flvHandler({ sessions, registry }),
      hls: hlsHandler(hls),
    }),
  ];
};

const isOnDemand = ({ server }: RunConfig, path: string): boolean => {
  const conf = findPathConfig(server, path)?.conf;
  return conf !== undefined && (conf.sourceOnDemand || conf.runOnDemand !== "");
};

/** What publishers have to show, as far as the configuration tells: a server that is asked may let anybody in. */
const loginOf = ({ auth, server }: RunConfig): FirstSteps["login"] => {
  if (auth.mode !== "none" || server.authMethod === "jwt") return "token";
  const isForAll = server.authInternalUsers.some(
    ({ user, permissions }) => user === "any" && permissions.some(({ action }) => action === "publish"),
  );
  return server.authMethod === "internal" && isForAll ? "none" : "user";
};
