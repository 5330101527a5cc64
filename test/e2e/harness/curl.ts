import { Program } from "./program.ts";

/** What curl got. */
export interface CurlAnswer {
  readonly status: number;
  /** Of Content-Type; empty where there is none. */
  readonly type: string;
  readonly body: string;
}

const mark = "\n--answered ";

/**
 * Asks for a URL with curl; `options` stand in front of it.
 * @throws Error where curl fails
 */
export const curl = async (url: string, options: readonly string[] = []): Promise<CurlAnswer> => {
  const command = ["curl", "-sS", "--max-time", "20", "-w", `${mark}%{http_code} %{content_type}`];
  await using program = new Program([...command, ...options, url]);
  const out = await program.success(25_000);
  const at = out.lastIndexOf(mark);
  const [status = "", ...type] = out.substring(at + mark.length).split(" ");
  return { status: Number(status), type: type.join(" "), body: out.substring(0, at) };
};

const jsonType = "application/json; charset=utf-8";

/**
 * The same for an endpoint that answers with JSON: what it says, with 200 and MediaMTX's content type.
 * @throws Error for any other answer
 */
export const curlJson = async (url: string, options: readonly string[] = []): Promise<unknown> => {
  const { status, type, body } = await curl(url, options);
  if (status !== 200 || type !== jsonType) throw new Error(`${url}: ${status} ${type}\n${body}`);
  return JSON.parse(body);
};
