import { ConfigError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { printable } from "../../base/stream-path.ts";
import { isMapping } from "../../config/document.ts";
import { errorResponse, notFound } from "../../http/error-response.ts";
import { type Call, type Handler, json, type Resource } from "../../http/resource.ts";
import { parseStreamId, type StreamId } from "../machine/path-template.ts";
import type { Orchestrator } from "../orchestrator.ts";
import { isFileTargetName, type Plan } from "../plan.ts";
import { checkTarget } from "../settings/settings.ts";
import type { StreamKeeping } from "../stream-keeping.ts";
import type { Entrance } from "./entrance.ts";
import { streamObject, targetObject } from "./objects.ts";

/** What a {@link streamResource} needs. */
export interface StreamResourceOptions {
  readonly orchestrator: Orchestrator;
  readonly plan: Plan;
  readonly entrance: Entrance;
  readonly log: Logger;
}

/** Answers a request about one stream; `rest` is what stands behind its id. */
type StreamHandler = (about: {
  readonly request: Request;
  readonly call: Call;
  readonly id: StreamId;
  readonly stream: StreamKeeping | undefined;
  readonly rest: string;
}) => Response | Promise<Response>;

/** A name that somebody gives a target: it names a file too. */
const targetName = /^[A-Za-z0-9_][\w.-]{0,63}$/;

/** The end of a forwarder may have to be waited for, in seconds. */
const waitSeconds = 60;

/**
 * Everything about one stream: `/v1/streams/ID`, `…/restart`, `…/targets`, `…/targets/NAME` and `…/targets/NAME/restart`.
 */
export const streamResource = (options: StreamResourceOptions): Resource => {
  const { orchestrator, plan, entrance, log } = options;
  const about =
    (handle: StreamHandler): Handler =>
    (request, call) => {
      const [name = "", ...rest] = call.name.split("/");
      const id = parseStreamId(name);
      if (id === undefined) throw new ConfigError(`stream ${printable(name)}, expected the id of a stream`);
      return handle({ request, call, id, stream: orchestrator.stream(id), rest: rest.join("/") });
    };
  const show: StreamHandler = ({ id, stream, rest }) => {
    if (rest !== "" && rest !== "targets") return notFound();
    if (!stream) return unknown(id);
    if (rest === "") return json(streamObject(stream, plan));
    const items = [...stream.forwardings.values()];
    return json({ items: items.map(({ target }) => targetObject(stream, target, plan)) });
  };
  const restart: StreamHandler = ({ id, stream, rest }) => {
    const [, target] = /^targets\/([^/]+)\/restart$/.exec(rest) ?? [];
    if (rest !== "restart" && target === undefined) return notFound();
    if (!stream) return unknown(id);
    const kept = target === undefined ? stream.worker : stream.forwardings.get(target)?.process;
    if (!kept) return errorResponse(404, `no target ${printable(target ?? "")}`);
    log.info("restart asked for", { ...stream.fields, target });
    kept.restart();
    return json(streamObject(stream, plan));
  };
  const put: StreamHandler = async ({ request, call, id, rest }) => {
    const name = nameIn(rest);
    if (name === undefined) return notFound();
    const url = await urlOf(request);
    if (!plan.processed)
      throw new ConfigError("there is nothing to push, expected processed to name its paths");
    call.extend(waitSeconds);
    await orchestrator.putTarget(id, { name, url });
    log.info("target set", { streamId: id, target: name });
    const stream = orchestrator.stream(id);
    return stream ? json(streamObject(stream, plan)) : unknown(id);
  };
  const remove: StreamHandler = async ({ call, id, rest }) => {
    const name = nameIn(rest);
    if (name === undefined) return notFound();
    call.extend(waitSeconds);
    if (!(await orchestrator.deleteTarget(id, name)))
      return errorResponse(404, `no target ${printable(name)}`);
    log.info("target removed", { streamId: id, target: name });
    return json({ status: "ok" });
  };
  return {
    path: "/v1/streams/{id...}",
    methods: {
      GET: entrance.reading(about(show)),
      POST: entrance.changing(about(restart)),
      PUT: entrance.changing(about(put)),
      DELETE: entrance.changing(about(remove)),
    },
  };
};

const unknown = (id: StreamId): Response => errorResponse(404, `no stream ${id}`);

/** The target that is meant; undefined where it is something else. @throws ConfigError for a name that cannot be given */
const nameIn = (rest: string): string | undefined => {
  const [, name] = /^targets\/([^/]+)$/.exec(rest) ?? [];
  if (name === undefined) return undefined;
  if (isFileTargetName(name))
    throw new ConfigError(`target ${printable(name)} is one of the file, expected a change of that`);
  if (!targetName.test(name))
    throw new ConfigError(`target ${printable(name)}, expected up to 64 letters, digits and . _ -`);
  return name;
};

/** @throws ConfigError, never with the URL */
const urlOf = async (request: Request): Promise<string> => {
  const expected = 'expected {"url": "rtmps://HOST/APP/KEY"}';
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    throw new ConfigError(`no JSON, ${expected}`);
  }
  const url = isMapping(body) ? body.url : undefined;
  if (typeof url !== "string") throw new ConfigError(`no url, ${expected}`);
  checkTarget(url);
  return url;
};
