import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeUtf8, joinBytes } from "../../../src/base/bytes.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { splitAt } from "../../base/split.ts";
import { bodies, bring, bringOpening } from "./bodies.ts";
import { announcement, Room, request } from "./room.ts";

const url = "rtsp://192.0.2.1:8554/live";
const tcp = (channels: string, mode = ""): string =>
  `Transport: RTP/AVP/TCP;unicast;interleaved=${channels}${mode}`;

/** What clients do, in any order: most of it does not fit. */
const steps = [
  request("OPTIONS", "*", ["CSeq: 1"]),
  request("DESCRIBE", `${url}/a`, ["CSeq: 2"]),
  request("DESCRIBE", `${url}/never`, ["CSeq: 3"]),
  request("SETUP", `${url}/a/trackID=0`, ["CSeq: 4", tcp("0-1")]),
  request("SETUP", `${url}/a/trackID=1`, ["CSeq: 5", tcp("2-3")]),
  request("SETUP", `${url}/a/trackID=1`, ["CSeq: 5", tcp("1-2")]),
  request("PLAY", `${url}/a`, ["CSeq: 6"]),
  request("PAUSE", `${url}/a`, ["CSeq: 7"]),
  request("TEARDOWN", `${url}/a`, ["CSeq: 8"]),
  request("ANNOUNCE", `${url}/b`, ["CSeq: 9", "Content-Type: application/sdp"], announcement),
  request("SETUP", `${url}/b/streamid=0`, ["CSeq: 10", tcp("0-1", ";mode=record")]),
  request("SETUP", `${url}/b/streamid=1`, ["CSeq: 11", tcp("4-5", ";mode=record")]),
  request("RECORD", `${url}/b`, ["CSeq: 12"]),
  request("GET_PARAMETER", `${url}/b`, ["CSeq: 13"]),
  request("WHAT", `${url}/b`, ["CSeq: 14"]),
  request("SETUP", `${url}/b`, ["CSeq: 15"]),
  request("PLAY", `${url}/b`, ["CSeq: 16", "Session: 77"]),
  "$\u0000\u0000\u0010abcdefghijklmnop",
  "$\u0001\u0000\u0004\u0080\u0001\u0002\u0003",
  "\r\n",
].map(encodeUtf8);

const noise = fc.uint8Array({ maxLength: 40 });

test("whatever clients ask for, in whatever order and cut, breaks nothing, and leaves nothing behind", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...steps) }, { weight: 1, arbitrary: noise }),
        {
          maxLength: 30,
        },
      ),
      fc.array(fc.nat(400), { maxLength: 8 }),
      (parts, cuts) => {
        const defects: string[] = [];
        const log = {
          ...silentLogger,
          error: (message: string, fields?: object) =>
            void defects.push(`${message} ${JSON.stringify(fields)}`),
        };
        const room = new Room({ context: { log }, stream: { republishGraceMs: 0 } });
        const publication = room.house.publish();
        bringOpening(publication);
        const client = room.client();
        for (const bytes of splitAt(joinBytes(parts.map((part) => new Uint8Array(part))), cuts)) {
          client.connection.data(new Uint8Array(bytes));
          bring(publication, bodies.picture(), 40);
          publication.flush();
          room.house.clock.advance(100);
          client.connection.tick(room.house.clock.now());
        }
        client.answers();
        client.connection.closed();
        publication.end("client_stop");
        expect(defects).toEqual([]);
        expect([...room.house.registry.streams]).toEqual([]);
        expect(room.sessions.size).toBe(0);
        expect(room.house.clock.timers).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});
