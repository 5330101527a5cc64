// Hears of every stream that begins, as the receiver of a webhook:
//
//   PORT=9000 bun on-publish-webhook-receiver.ts
//   rtmp-server --hook-webhook publish_start=http://127.0.0.1:9000/
interface Event {
  readonly type?: string;
  readonly stream_key?: string;
  readonly data?: { readonly client_ip?: string };
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 9000),
  async fetch(request) {
    const event = (await request.json().catch(() => null)) as Event | null;
    if (typeof event?.type !== "string") return new Response("expected an event as JSON\n", { status: 400 });
    // Quoted: publishers choose the name of their stream, and a terminal obeys control characters.
    console.log(
      JSON.stringify(event.type),
      JSON.stringify(event.stream_key),
      "from",
      JSON.stringify(event.data?.client_ip),
    );
    return new Response(null, { status: 204 });
  },
});
console.log(`waiting for events at ${server.url}`);

export {};
