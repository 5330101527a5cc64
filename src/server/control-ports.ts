import { ConfigError, RefusedError } from "../base/errors.ts";
import { formatRfc3339 } from "../base/rfc3339.ts";
import { parseStreamPath } from "../base/stream-path.ts";
import { version } from "../base/version.ts";
import { kindOfPath } from "../config/server/path-name.ts";
import type { DeadLetter } from "../hooks/store/dead-letters.ts";
import type { ConfigStatusPort } from "../http/api/config-status.ts";
import type { ControlApiPorts } from "../http/api/control-api.ts";
import type { DeadLettersPort } from "../http/api/dead-letters.ts";
import type { ForwardView } from "../http/api/forwards.ts";
import type { DeadLetterObject, RelayObject } from "../http/api/own-objects.ts";
import type { RecordingsPort } from "../http/api/recordings.ts";
import { RegistryPaths } from "../http/api/registry-paths.ts";
import { thumbnailWidths } from "../record/thumbnails.ts";
import type { RtspKind } from "../rtsp/io/sessions.ts";
import type { House } from "./house.ts";
import { servesRtmp } from "./rtmp-wishes.ts";
import { servesRtsp } from "./rtsp-wishes.ts";

/** The paths of a server: streams, and entries of the configuration with a plain name. */
export const pathsOf = ({ registry, config }: Pick<House, "registry" | "config">): RegistryPaths =>
  new RegistryPaths({
    registry,
    configured: {
      [Symbol.iterator]: () => Object.keys(config().server.paths).filter(isPlain).values(),
      has: (name) => Object.hasOwn(config().server.paths, name) && isPlain(name),
    },
  });

const isPlain = (name: string): boolean => kindOfPath(name) === "name";

/** What the control API shows of a server, and does with it. */
export const controlPorts = (house: House, paths: RegistryPaths): ControlApiPorts => {
  const { live, access, forwards, records, sessions, rtsp, hls, flv, hooks, started } = house;
  const { plain, safe } = servesRtmp(house.config());
  const conns = (kind: "rtmpConn" | "rtmpsConn") => ({
    get sessions() {
      return sessions.ofKind(kind);
    },
  });
  const rtspOn = servesRtsp(house.config());
  const rtspConns = (kind: RtspKind) => ({
    get connections() {
      return rtsp.connections(kind);
    },
  });
  const rtspSessions = (kind: RtspKind) => ({
    get sessions() {
      return rtsp.sessions(kind);
    },
    kick: (id: string) => rtsp.kick(id),
  });
  return {
    info: { version, started },
    paths,
    config: live,
    configStatus: configStatus(house),
    keys: access,
    forwards,
    recordings: recordingsPort(house),
    recordingSwitch: {
      setRecording: (name, isOn) => {
        if (isOn) records.paths.startRecording(name);
        else records.paths.stopRecording(name);
      },
    },
    thumbnails: {
      widths: thumbnailWidths,
      pictureOf: (name, width) => records.thumbnails.pictureOf(name, width),
    },
    rtmpConns: plain ? conns("rtmpConn") : undefined,
    rtmpsConns: safe ? conns("rtmpsConn") : undefined,
    hls: hls.port,
    rtspConns: rtspOn.plain ? rtspConns("rtspSession") : undefined,
    rtspSessions: rtspOn.plain ? rtspSessions("rtspSession") : undefined,
    rtspsConns: rtspOn.safe ? rtspConns("rtspsSession") : undefined,
    rtspsSessions: rtspOn.safe ? rtspSessions("rtspsSession") : undefined,
    flvConns: house.config().server.hls ? { sessions: flv.all } : undefined,
    relays: { list: () => relaysOf(house), forwards: () => forwardsOf(house) },
    hooks: {
      status: () => hooks.status(),
      resume: (id) => hooks.resume(id),
      deadLetters: deadLettersPort(house),
    },
    live: house.dashboard,
  };
};

const configStatus = ({ live }: House): ConfigStatusPort => ({
  status: () => {
    const { done, rejected, lastAt, lastReadAt, lastError } = live.reloads;
    return {
      file: live.config.source.name ?? "",
      persistFile: live.current.configPersist,
      appliedTime: formatRfc3339(new Date(lastAt)),
      lastReloadTime: lastReadAt === undefined ? null : formatRfc3339(new Date(lastReadAt)),
      lastError,
      reloads: done,
      failedReloads: rejected,
      paths: live.pathNames().length,
    };
  },
  reload: async () => {
    const before = live.reloads.rejected;
    if (!(await live.reload())) throw new ConfigError("this server has no configuration file");
    if (live.reloads.rejected > before) throw new ConfigError(live.reloads.lastError);
  },
});

/** Everything that is wrong with what was asked for is told as MediaMTX tells it: 400. */
const recordingsPort = ({ records }: House): RecordingsPort => {
  const { recordings } = records;
  const orWrong = async <Value>(job: Promise<Value>): Promise<Value> => {
    try {
      return await job;
    } catch (error) {
      if (error instanceof RefusedError && error.code !== "SEGMENT_BUSY")
        throw new ConfigError(error.message, { cause: error });
      throw error;
    }
  };
  return {
    names: () => recordings.names(),
    get: (name) => orWrong(recordings.get(name)),
    overview: (name) => orWrong(recordings.overview(name)),
    timespans: (name) => orWrong(recordings.timespans(name)),
    playableOf: (name, span) => records.playableOf(parseStreamPath(name), span),
    deleteSegment: (name, start) => orWrong(recordings.deleteSegment(name, start)),
  };
};

const deadLettersPort = ({ hooks }: House): DeadLettersPort => ({
  list: async (filter, page) => {
    const { total, letters } = await hooks.deadLetters(filter, page);
    return { total, letters: letters.map(deadLetterObject) };
  },
  replay: (filter) => hooks.replay(filter),
});

const deadLetterObject = (letter: DeadLetter): DeadLetterObject => ({
  id: letter.id,
  eventId: letter.eventId,
  type: letter.type,
  path: letter.streamKey,
  hook: letter.hookId,
  reason: letter.reason,
  attempts: letter.attempts,
  time: formatRfc3339(new Date(letter.at)),
  givenUp: formatRfc3339(new Date(letter.diedAt)),
  lastError: letter.history.findLast(({ error }) => error !== undefined)?.error ?? "",
});

const relayObject = (path: string, view: ForwardView): RelayObject => ({
  path,
  target: view.conf.dest,
  state: view.state,
  since: formatRfc3339(view.created),
  lastError: view.lastError,
  outboundBytes: view.outboundBytes,
});

const byPath = (a: RelayObject, b: RelayObject): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

const relaysOf = ({ registry, forwards }: House): RelayObject[] =>
  [...registry.streams]
    .flatMap(({ path }) => forwards.relays(path).map((view) => relayObject(path, view)))
    .sort(byPath);

const forwardsOf = ({ forwards }: House): RelayObject[] =>
  [...forwards.all()]
    .flatMap(({ path, destinations }) => destinations.map((view) => relayObject(path, view)))
    .sort(byPath);
