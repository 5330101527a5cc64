/** A part of a body: its size is known before it is there. */
export interface Piece {
  readonly size: number;
  load(): Uint8Array | Promise<Uint8Array>;
}

/** Bytes that are there. */
export const pieceOf = (bytes: Uint8Array): Piece => ({ size: bytes.length, load: () => bytes });

/** Bytes of all pieces. */
export const sizeOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { size }) => sum + size, 0);

/** The bytes from one offset up to another, piece by piece. */
export async function* bytesBetween(
  pieces: readonly Piece[],
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const piece of pieces) {
    const start = at;
    at += piece.size;
    if (at <= from || piece.size === 0) continue;
    if (start >= to) return;
    const bytes = await piece.load();
    if (bytes.length !== piece.size) throw new RangeError("a recording changed while it was played");
    yield bytes.subarray(Math.max(0, from - start), Math.min(piece.size, to - start));
  }
}
