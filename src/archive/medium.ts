import { access } from "node:fs/promises";
import { TransportError } from "../base/errors.ts";
import { RandomFile, type ReadableFile, readRange } from "../record/random-file.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import type { PlayableSegment } from "./playable.ts";
import { RemoteFile } from "./remote-file.ts";

/** Where a recording is read from. Errors are those of the operating system, or a TransportError of the store. */
export interface Medium {
  /** A path or a URL: the ending says what form it has. */
  readonly path: string;
  /** Opens it, to be gone through. */
  open(): Promise<ReadableFile>;
  /** Reads a part of it that is opened for that alone. */
  readRange(from: number, to: number): Promise<Uint8Array>;
}

/** A file of this machine. */
export const localMedium = (path: string): Medium => ({
  path,
  open: () => RandomFile.open(path),
  readRange: (from, to) => readRange(path, from, to),
});

/** An object of a store, by its URL. */
export const remoteMedium = (store: ObjectStore, url: string): Medium => {
  const place = placeOf(url);
  if (!place) throw new TransportError("DISK", `${url} is no place in a store`);
  return {
    path: url,
    open: () => RemoteFile.open(store, place),
    readRange: (from, to) => store.read(place, from, to),
  };
};

/** Where a segment is read from: here if it is here, whatever was known of it. Hold its file before. */
export const mediumOf = async (
  { file, remote }: Pick<PlayableSegment, "file" | "remote">,
  store: ObjectStore,
): Promise<Medium> => {
  if (remote === undefined) return localMedium(file);
  const isHere = await access(file).then(
    () => true,
    () => false,
  );
  return isHere ? localMedium(file) : remoteMedium(store, remote);
};
