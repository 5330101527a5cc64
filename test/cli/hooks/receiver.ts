/** A receiver that keeps what it gets, and answers with `status`. */
export const receiver = (status: number) => {
  const got: { headers: Headers; body: string }[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      got.push({ headers: request.headers, body: await request.text() });
      return new Response("as you say", { status });
    },
  });
  return { got, url: `http://127.0.0.1:${server.port}/`, [Symbol.dispose]: () => void server.stop(true) };
};
