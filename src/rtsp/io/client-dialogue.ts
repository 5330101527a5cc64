import { decodeUtf8 } from "../../base/bytes.ts";
import { TransportError, WireError } from "../../base/errors.ts";
import { answerChallenges } from "../auth.ts";
import { resolveControl } from "../control-url.ts";
import type { HeaderField } from "../headers.ts";
import { encodeRequest, type RtspResponse } from "../message.ts";
import { parseRtpInfo } from "../rtp-info.ts";
import { type MediaDescription, parseSdp } from "../sdp.ts";
import { parseSessionHeader } from "../session-header.ts";
import { parseTransports, type Transport } from "../transport.ts";
import type { RtspUrl } from "./rtsp-url.ts";

/** What a dialogue asks of whoever leads it. */
export interface DialogueHost {
  send(request: Uint8Array): void;
  /** The server has told what there is. Gives the media that are wanted, by their index. @throws TransportError where none is */
  described(medias: readonly MediaDescription[]): readonly number[];
  /** The Transport header by which a medium is asked for; undefined where there is no other way left to try. */
  transportFor(media: number): string | undefined;
  /** The server wants another transport than it was asked for. */
  transportRefused(): void;
  /** This is how a medium will come. @throws TransportError where it cannot come like that */
  settled(media: number, transport: Transport): void;
  /** A medium begins with this RTP time. */
  anchored(media: number, rtpTime: number): void;
  /** Media may flow. */
  started(): void;
}

/** What was asked and is not answered yet. */
interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly HeaderField[];
  readonly body?: Uint8Array;
  /** It was asked again with what the server wanted to know. */
  readonly isAuthorized: boolean;
  readonly then: (answer: RtspResponse) => void;
}

/** Answers to things that we did not ask would be waited for for ever: one question at a time. */
const agent: HeaderField = ["User-Agent", "rtmp-server"];

/**
 * The conversation by which a client gets a stream: OPTIONS, DESCRIBE, SETUP of each medium, PLAY, and then signs of life. One question at
 * a time; what the server says of passwords is answered on the way. No socket, no time.
 */
export class ClientDialogue {
  readonly #url: RtspUrl;
  readonly #host: DialogueHost;
  #cseq = 0;
  #question: Question | undefined;
  #challenges: readonly string[] = [];
  #session: string | undefined;
  #timeoutSeconds = 60;
  #canGetParameter = false;
  #base: string;
  #medias: readonly MediaDescription[] = [];
  #wanted: number[] = [];
  readonly #urls = new Map<number, string>();
  #isPlaying = false;

  constructor(url: RtspUrl, host: DialogueHost) {
    this.#url = url;
    this.#host = host;
    this.#base = url.text;
  }

  /** The server forgets us when it hears nothing for so long, in seconds. */
  get timeoutSeconds(): number {
    return this.#timeoutSeconds;
  }

  /** Asks the first question. */
  start(): void {
    this.#ask("OPTIONS", this.#url.text, [], (answer) => {
      this.#canGetParameter = /\bGET_PARAMETER\b/i.test(answer.headers.get("Public") ?? "");
      this.#describe();
    });
  }

  /** Shows the server that we are still there. */
  keepAlive(): void {
    if (!this.#isPlaying || this.#question) return;
    this.#ask(this.#canGetParameter ? "GET_PARAMETER" : "OPTIONS", this.#base, [], () => undefined);
  }

  /** Says goodbye; the answer is of no interest. */
  finish(): void {
    if (this.#session === undefined) return;
    this.#question = undefined;
    this.#ask("TEARDOWN", this.#base, [], () => undefined);
  }

  /** Takes an answer. @throws TransportError REJECTED or DENIED where it says no; WireError where it makes no sense */
  take(answer: RtspResponse): void {
    const question = this.#question;
    if (!question) return;
    this.#question = undefined;
    if (answer.status === 401 && this.#authorize(question, answer)) return;
    if (answer.status === 461 && question.method === "SETUP") {
      this.#host.transportRefused();
      this.#setup();
      return;
    }
    // A server that does not know the sign of life has seen it all the same.
    if (answer.status !== 200 && !this.#isPlaying)
      throw new TransportError(isDenial(answer) ? "DENIED" : "REJECTED", rejection(question, answer));
    question.then(answer);
  }

  #authorize(question: Question, answer: RtspResponse): boolean {
    const offers = answer.headers.all("WWW-Authenticate");
    if (!this.#url.login || question.isAuthorized || offers.length === 0) return false;
    this.#challenges = offers;
    if (this.#authorization(question.method, question.url) === undefined) return false;
    this.#send({ ...question, isAuthorized: true });
    return true;
  }

  #authorization(method: string, url: string): string | undefined {
    const { login } = this.#url;
    if (!login || this.#challenges.length === 0) return undefined;
    const cnonce = crypto.randomUUID().replaceAll("-", "");
    return answerChallenges(this.#challenges, { ...login, method, url, cnonce });
  }

  #describe(): void {
    this.#ask("DESCRIBE", this.#url.text, [["Accept", "application/sdp"]], (answer) => {
      const description = parseSdp(decodeUtf8(answer.body));
      const { headers } = answer;
      const base = headers.get("Content-Base") ?? headers.get("Content-Location") ?? this.#url.text;
      this.#base = resolveControl(base, description.control);
      this.#medias = description.medias;
      this.#wanted = [...this.#host.described(this.#medias)];
      this.#setup();
    });
  }

  /** Sets the next medium up, or plays. */
  #setup(): void {
    const [media] = this.#wanted;
    if (media === undefined) {
      this.#play();
      return;
    }
    const transport = this.#host.transportFor(media);
    if (transport === undefined)
      throw new TransportError("REJECTED", "the server wants another transport than those that can be had");
    const url = resolveControl(this.#base, this.#medias[media]?.control);
    this.#urls.set(media, url);
    this.#ask("SETUP", url, [["Transport", transport]], (answer) => {
      const session = parseSessionHeader(answer.headers.get("Session") ?? "");
      if (!session) throw new WireError("RTSP_MESSAGE", "no session in the answer to SETUP");
      this.#session = session.id;
      this.#timeoutSeconds = session.timeoutSeconds;
      const [settled] = parseTransports(answer.headers.get("Transport") ?? "");
      if (!settled) throw new WireError("RTSP_MESSAGE", "no transport in the answer to SETUP");
      this.#host.settled(media, settled);
      this.#wanted.shift();
      this.#setup();
    });
  }

  #play(): void {
    this.#ask("PLAY", this.#base, [["Range", "npt=0.000-"]], (answer) => {
      for (const { url, rtpTime } of parseRtpInfo(answer.headers.get("RTP-Info") ?? "")) {
        const media = [...this.#urls].find(([, each]) => each === url || each.endsWith(url))?.[0];
        if (media !== undefined && rtpTime !== undefined) this.#host.anchored(media, rtpTime);
      }
      this.#isPlaying = true;
      this.#host.started();
    });
  }

  #ask(method: string, url: string, headers: readonly HeaderField[], then: Question["then"]): void {
    this.#send({ method, url, headers, isAuthorized: false, then });
  }

  #send(question: Question): void {
    this.#question = question;
    const { method, url, headers } = question;
    this.#cseq++;
    const authorization = this.#authorization(method, url);
    this.#host.send(
      encodeRequest({
        method,
        url,
        headers: [
          ["CSeq", String(this.#cseq)],
          agent,
          ...(this.#session === undefined ? [] : [["Session", this.#session] as const]),
          ...(authorization === undefined ? [] : [["Authorization", authorization] as const]),
          ...headers,
        ],
      }),
    );
  }
}

const isDenial = ({ status }: RtspResponse): boolean => status === 401 || status === 403;

const rejection = ({ method, isAuthorized }: Question, { status, reason }: RtspResponse): string => {
  const said = `${method}: ${status} ${reason}`;
  if (status !== 401) return said;
  return isAuthorized
    ? `${said}: the server refuses this user and password`
    : `${said}: the server wants a user and a password, expected USER:PASSWORD@ in front of the host`;
};
