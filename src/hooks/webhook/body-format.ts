import { unreachable } from "../../base/errors.ts";
import type { HookEvent, HookValue } from "../event/hook-event.ts";
import type { BodyFormat } from "./webhook-settings.ts";

/** What is sent. */
export interface FormattedBody {
  readonly contentType: string;
  readonly body: string;
}

/**
 * An event as the receiver wants it. It depends on nothing but the event, so it is the same at every attempt; `seed` gives `body`, the
 * event as it was stored, byte for byte.
 */
export const formatBody = (
  format: BodyFormat,
  { event, body }: { event: HookEvent; body: string },
): FormattedBody => {
  const json = "application/json";
  switch (format) {
    case "seed":
      return { contentType: json, body };
    case "cloudevents":
      return { contentType: "application/cloudevents+json", body: JSON.stringify(cloudEvent(event)) };
    case "discord":
      // Whoever names a stream must not be able to call everybody.
      return {
        contentType: json,
        body: JSON.stringify({ content: discordText(event), allowed_mentions: { parse: [] } }),
      };
    case "slack":
      return { contentType: json, body: JSON.stringify({ text: slackText(event) }) };
    default:
      return unreachable(format);
  }
};

/** CloudEvents 1.0, structured JSON. Attributes may not be empty, and their names are lower case letters and digits. */
const cloudEvent = (event: HookEvent): Record<string, unknown> => ({
  specversion: "1.0",
  id: event.id,
  source: `/rtmp/${encodeURIComponent(event.server_id)}`,
  type: `rtmp.${event.type}`,
  ...(event.stream_key === "" ? {} : { subject: event.stream_key }),
  time: event.time,
  datacontenttype: "application/json",
  // Compared as text, so each has as many digits as the largest.
  sequence: String(event.seq).padStart(16, "0"),
  severitytext: event.severity,
  ...(event.conn_id === "" ? {} : { connid: event.conn_id }),
  ...(event.session_id === "" ? {} : { sessionid: event.session_id }),
  data: event.data,
});

/** Discord refuses longer texts. */
const maxDiscordCharacters = 2_000;

/** Far below what Slack takes, and more than anybody reads. */
const maxSlackCharacters = 3_000;

const discordText = (event: HookEvent): string => {
  const text = (content: string): string => oneLine(content).replace(/[\\*_~|<>:@#[\]()-]/g, "\\$&");
  return chatText(`**${text(event.type)}** ${text(event.stream_key)}`, event, { max: maxDiscordCharacters });
};

const slackText = (event: HookEvent): string => {
  const text = (content: string): string =>
    content.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;" })[sign] ?? "&gt;");
  // `*` and `_` cannot be escaped there: a stream key stands between back quotes, where they mean nothing.
  const key = event.stream_key === "" ? "" : `\`${text(oneLine(event.stream_key))}\``;
  return chatText(`*${text(oneLine(event.type))}* ${key}`, event, { max: maxSlackCharacters, text });
};

/** A title, and the data in a block whose content no chat interprets. What is too long is cut at the end of a line. */
const chatText = (
  title: string,
  { data }: HookEvent,
  { max, text = (content) => content }: { max: number; text?: (content: string) => string },
): string => {
  const head = wholeCharacters(title.trim(), max / 2);
  const lines: string[] = [];
  let room = max - head.length - "\n```\n```\n…".length;
  for (const [key, value] of Object.entries(data)) {
    const line = wholeCharacters(text(`${oneLine(key)}: ${oneLine(plainText(value))}`), max / 2);
    room -= line.length + 1;
    if (room < 0) {
      lines.push("…");
      break;
    }
    lines.push(line);
  }
  return lines.length === 0 ? head : `${head}\n\`\`\`\n${lines.join("\n")}\n\`\`\``;
};

const plainText = (value: HookValue): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Text of others in one line that closes no block. */
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").replaceAll("`", "'");

/** The first `max` UTF-16 units, without half a character at the end. */
const wholeCharacters = (text: string, max: number): string =>
  text.length <= max ? text : `${text.substring(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
