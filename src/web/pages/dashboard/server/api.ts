import { Turns } from "./turns.ts";

/** An answer that is not what was asked for. `status` is 0 where the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Pictures take the server some time each. A browser opens six connections to a server at most, and something else may be wanted meanwhile. */
const picturesAtOnce = 2;

/** Whoever asks has to say who they are, or is not who they say. */
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

const key = "authorization";

/**
 * The control API, as whoever is signed in may use it. What they have typed in is kept for this tab alone, and is sent as a header: it never
 * stands in an address.
 */
export class Api {
  #authorization: string | undefined = sessionStorage.getItem(key) ?? undefined;
  readonly #pictures = new Turns(picturesAtOnce);
  /** Called when an answer says that whoever asks may not. */
  onForbidden: () => void = () => undefined;

  /** Whether somebody has signed in. */
  get isSignedIn(): boolean {
    return this.#authorization !== undefined;
  }

  /** Asks as this user from now on, or with this token. */
  signIn(who: { readonly user: string; readonly password: string } | { readonly token: string }): void {
    this.#authorization =
      "token" in who ? `Bearer ${who.token}` : `Basic ${base64(`${who.user}:${who.password}`)}`;
    sessionStorage.setItem(key, this.#authorization);
  }

  /** Asks as nobody from now on. */
  signOut(): void {
    this.#authorization = undefined;
    sessionStorage.removeItem(key);
  }

  /** Asks for an object. @throws ApiError */
  async get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    const response = await this.fetch(path, { ...(signal ? { signal } : {}) });
    return (await response.json()) as Answer;
  }

  /** Asks for an object; undefined where this server has none, because it is switched off, say. @throws ApiError */
  async find<Answer>(path: string, signal?: AbortSignal): Promise<Answer | undefined> {
    try {
      return await this.get<Answer>(path, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Fetches a picture, when its turn comes. @throws ApiError */
  picture(path: string, signal: AbortSignal): Promise<Blob> {
    return this.#pictures.take(signal, async () => (await this.fetch(path, { signal })).blob());
  }

  /** Has something done. @throws ApiError */
  async post(path: string): Promise<void> {
    await (await this.fetch(path, { method: "POST" })).body?.cancel();
  }

  /** Sends a request. @throws ApiError for every answer but a good one */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#authorization !== undefined) headers.set("Authorization", this.#authorization);
    let response: Response;
    try {
      // Without it the browser would ask for a name and a password in a window of its own.
      response = await fetch(path, { ...init, headers, credentials: "omit", cache: "no-store" });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, "the server does not answer");
    }
    if (response.ok) return response;
    if (response.status === 401) this.onForbidden();
    throw new ApiError(response.status, await reasonOf(response));
  }
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** What the server says is wrong: JSON of the API, or plain text. */
const reasonOf = async (response: Response): Promise<string> => {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "error" in body) return String(body.error);
  } catch {
    // It is not from the API: plain text says it as well.
  }
  return text === "" ? `status ${response.status}` : text;
};
