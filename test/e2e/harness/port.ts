/** A port of 127.0.0.1 that nobody listens on at this moment, for programs that cannot choose one themselves. */
export const freePort = (): number => {
  using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  return listener.port;
};
