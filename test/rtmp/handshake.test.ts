import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { copyBytes, fromHex, joinBytes, toHex } from "../../src/base/bytes.ts";
import { ClientHandshake, handshakeBlockBytes, ServerHandshake } from "../../src/rtmp/handshake.ts";
import {
  findClientDigest,
  findServerDigest,
  isServerReplyValid,
  signClientBlock,
  signClientReply,
} from "../../src/rtmp/handshake-digest.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { cutPlaces, singly, splitAt } from "../base/split.ts";

// The reference's numbers, written down again: the tests must not take them from the code they check.
const tail = fromHex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae");
const playerName = Buffer.from("Genuine Adobe Flash Player 001");
const serverName = Buffer.from("Genuine Adobe Flash Media Server 001");
const hmac = (key: Uint8Array, ...parts: Uint8Array[]): string => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest("hex");
};
const sum = (block: Uint8Array, at: number): number =>
  block[at]! + block[at + 1]! + block[at + 2]! + block[at + 3]!;
const digestAt = {
  digest: (block: Uint8Array): number => (sum(block, 8) % 728) + 12,
  key: (block: Uint8Array): number => (sum(block, 772) % 728) + 776,
};

const block = (version: readonly number[], seed = 1): Uint8Array => {
  const bytes = new Uint8Array(handshakeBlockBytes);
  for (let i = 8; i < bytes.length; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff;
  bytes.set([0, 0, 0, 9, ...version]);
  return bytes;
};

const hello = (c1: Uint8Array, version = 3): Uint8Array => joinBytes([new Uint8Array([version]), c1]);

/** Feeds the pieces and gives all output and all that follows the handshake. */
const shake = (
  server: ServerHandshake,
  pieces: readonly Uint8Array[],
): { output: Uint8Array; rest: string } => {
  const outputs: Uint8Array[] = [new Uint8Array()];
  let rest = "";
  for (const piece of pieces) {
    rest += toHex(server.receive(piece));
    outputs.push(server.takeOutput());
  }
  return { output: joinBytes(outputs), rest };
};

describe("a server without digests in C1", () => {
  test("answers S0, S1 and S2 in one piece as soon as C1 is whole, and waits for C2", () => {
    const c1 = block([0, 0, 0, 0]);
    const server = new ServerHandshake();
    expect(server.receive(copyBytes(hello(c1).subarray(0, 1536))).length).toBe(0);
    expect(server.takeOutput().length).toBe(0);
    server.receive(copyBytes(hello(c1).subarray(1536)));
    const output = server.takeOutput();
    expect(output.length).toBe(3073);
    expect(output[0]).toBe(3);
    expect(toHex(output.subarray(5, 9))).toBe("00000000");
    expect(toHex(output.subarray(1537))).toBe(toHex(c1));
    expect(server.scheme).toBe("simple");
    expect(server.isComplete).toBe(false);
    server.receive(new Uint8Array(1536));
    expect(server.isComplete).toBe(true);
  });

  test("sends another S1 to everybody", () => {
    const s1 = (): string =>
      toHex(shake(new ServerHandshake(), [hello(block([0, 0, 0, 0]))]).output.subarray(9, 1537));
    expect(s1()).not.toBe(s1());
  });

  test("takes a version in C1 whose digest is wrong for simple, with zeros in S1", () => {
    const server = new ServerHandshake();
    const { output } = shake(server, [hello(block([9, 0, 0x7c, 2]))]);
    expect(server.scheme).toBe("simple");
    expect(toHex(output.subarray(5, 9))).toBe("00000000");
  });

  test("does not look for a digest where C1 names no version", () => {
    const c1 = block([0, 0, 0, 0]);
    signClientBlock(c1, "digest");
    const server = new ServerHandshake();
    shake(server, [hello(c1)]);
    expect(server.scheme).toBe("simple");
  });

  test("does not judge C2", () => {
    const server = new ServerHandshake();
    shake(server, [hello(block([0, 0, 0, 0])), new Uint8Array(1536).fill(0xee)]);
    expect(server.isComplete).toBe(true);
  });
});

describe("a server with a digest in C1", () => {
  for (const scheme of ["digest", "key"] as const) {
    test(`answers in the client's layout (${scheme} first) with a signed S1 and a signed S2`, () => {
      for (let seed = 0; seed < 20; seed++) {
        const c1 = block([9, 0, 0x7c, 2], seed);
        const at = digestAt[scheme](c1);
        const parts = [c1.subarray(0, at), c1.subarray(at + 32)];
        c1.set(fromHex(hmac(playerName, ...parts)), at);
        const clientDigest = c1.subarray(at, at + 32);

        const server = new ServerHandshake();
        const { output } = shake(server, [hello(c1)]);
        const s1 = output.subarray(1, 1537);
        const s2 = output.subarray(1537);
        expect({ scheme: server.scheme, version: output[0] }).toEqual({ scheme: "complex", version: 3 });
        expect(s1[4]).toBeGreaterThanOrEqual(3);

        const s1At = digestAt[scheme](s1);
        expect(toHex(s1.subarray(s1At, s1At + 32))).toBe(
          hmac(serverName, s1.subarray(0, s1At), s1.subarray(s1At + 32)),
        );
        const key = fromHex(hmac(joinBytes([serverName, tail]), clientDigest));
        expect(toHex(s2.subarray(1504))).toBe(hmac(key, s2.subarray(0, 1504)));
      }
    });

    test(`agrees with the helpers that sign for a client (${scheme} first)`, () => {
      const c1 = block([9, 0, 0x7c, 2]);
      signClientBlock(c1, scheme);
      const found = findClientDigest(c1);
      expect(found?.scheme).toBe(scheme);
      const { output } = shake(new ServerHandshake(), [hello(c1)]);
      expect(findServerDigest(output.subarray(1, 1537), scheme)).toBeDefined();
      expect(isServerReplyValid(output.subarray(1537), found!.digest)).toBe(true);
      output[1600]! ^= 1;
      expect(isServerReplyValid(output.subarray(1537), found!.digest)).toBe(false);
      expect(findServerDigest(block([4, 5, 0, 1]), scheme)).toBeUndefined();
    });
  }

  test("a client's signed C2 answers the digest of S1", () => {
    const c2 = block([0, 0, 0, 0]);
    const serverDigest = new Uint8Array(32).fill(7);
    signClientReply(c2, serverDigest);
    const key = fromHex(hmac(joinBytes([playerName, tail]), serverDigest));
    expect(toHex(c2.subarray(1504))).toBe(hmac(key, c2.subarray(0, 1504)));
  });
});

describe("the version byte of C0", () => {
  const refused = [6, 8, 9, 0x16, 0x20, 0x47, 0x50, 0x80, 0xff];
  test("refuses RTMPE, TLS and text at the first byte, and lets every other below 0x20 in", () => {
    for (let version = 0; version < 256; version++) {
      const isRefused = version >= 0x20 || refused.includes(version);
      const code = codeOf(() => new ServerHandshake().receive(new Uint8Array([version])));
      expect({ version, code }).toEqual({ version, code: isRefused ? "NOT_RTMP" : undefined });
    }
  });

  test("is answered with 3 whatever it was", () => {
    expect(shake(new ServerHandshake(), [hello(block([0, 0, 0, 0]), 0x1f)]).output[0]).toBe(3);
  });

  const hints = [
    { byte: 0x16, hint: /TLS/ },
    { byte: 0x06, hint: /RTMPE/ },
    { byte: 0x47, hint: /HTTP/ },
  ];
  for (const { byte, hint } of hints) {
    test(`0x${byte.toString(16)} is refused with a hint (${hint.source})`, () => {
      expect(() => new ServerHandshake().receive(new Uint8Array([byte]))).toThrow(hint);
    });
  }
});

describe("handshake bytes in any pieces", () => {
  const follow = fromHex("030000000000041400000000");
  const all = joinBytes([hello(block([0, 0, 0, 0])), new Uint8Array(1536), follow]);

  test("give the same answer and the same rest", () => {
    holds(
      fc.property(cutPlaces, (cuts) => {
        const { output, rest } = shake(new ServerHandshake(), splitAt(all, cuts));
        expect({ length: output.length, rest }).toEqual({ length: 3073, rest: toHex(follow) });
      }),
    );
  });

  test("do so one byte at a time", () => {
    const { output, rest } = shake(new ServerHandshake(), singly(all));
    expect({ length: output.length, rest }).toEqual({ length: 3073, rest: toHex(follow) });
  });
});

describe("the client's side", () => {
  test("completes with our server, echoes S1 as C2, and leaves what follows", () => {
    const client = new ClientHandshake();
    const server = new ServerHandshake();
    const c0c1 = client.takeOutput();
    expect({ length: c0c1.length, version: c0c1[0] }).toEqual({ length: 1537, version: 3 });
    server.receive(c0c1);
    const answer = server.takeOutput();
    expect(toHex(client.receive(joinBytes([answer, fromHex("0203")])))).toBe("0203");
    const c2 = client.takeOutput();
    expect(toHex(c2)).toBe(toHex(answer.subarray(1, 1537)));
    expect(client.isComplete).toBe(true);
    server.receive(c2);
    expect(server.isComplete).toBe(true);
  });

  test("sends C2 as soon as S1 is whole, and completes byte by byte", () => {
    const client = new ClientHandshake();
    const server = new ServerHandshake();
    server.receive(client.takeOutput());
    const answer = server.takeOutput();
    let sentAt = -1;
    singly(answer).forEach((byte, index) => {
      client.receive(byte);
      if (client.takeOutput().length > 0) sentAt = index;
    });
    expect({ sentAt, isComplete: client.isComplete }).toEqual({ sentAt: 1536, isComplete: true });
  });

  test("refuses a server that speaks something else", () => {
    expect(codeOf(() => new ClientHandshake().receive(fromHex("48545450")))).toBe("NOT_RTMP");
  });
});
