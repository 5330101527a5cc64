/** An OAuth 2 server on loopback that gives `token-1`, `token-2` and so on, and notes what it was asked. */
export class TokenServer implements Disposable {
  readonly asked: { readonly authorization: string | null; readonly form: Record<string, string> }[] = [];
  /** What it answers from now on, beside the token. */
  answer: () => Response | Promise<Response> | undefined = () => undefined;
  /** What it says about the life of a token, in seconds; undefined for nothing. */
  expiresIn: unknown = 3_600;
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const form = Object.fromEntries(new URLSearchParams(await request.text()));
      this.asked.push({ authorization: request.headers.get("authorization"), form });
      const token = {
        access_token: `token-${this.asked.length}`,
        token_type: "Bearer",
        expires_in: this.expiresIn,
      };
      return (await this.answer()) ?? Response.json(token);
    },
  });

  /** Where tokens are asked for. */
  get url(): string {
    return `${this.#server.url.origin}/token`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }
}
