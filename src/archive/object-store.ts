import { S3Client, type S3Options } from "bun";
import { codeOf, messageOf, TransportError } from "../base/errors.ts";

/** Where an object is, or goes. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** What a store says of an object. */
export interface ObjectHead {
  /** In bytes. */
  readonly size: number;
  /** Its entity tag, without quotes. */
  readonly etag: string;
}

/** An object of a list. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
}

/** Where segments are kept beside this machine. Everything may reject with a TransportError; trying again may help. */
export interface ObjectStore {
  /** Uploads a file, and resolves when the store has taken it. */
  put(place: ObjectPlace, file: string): Promise<void>;
  /** What is there; undefined where nothing is. */
  head(place: ObjectPlace): Promise<ObjectHead | undefined>;
  /** The bytes from one offset up to another, in a buffer of their own. @throws TransportError DISK where nothing is there */
  read(place: ObjectPlace, from: number, to: number): Promise<Uint8Array>;
  /** Deletes what is there; does nothing where nothing is. */
  remove(place: ObjectPlace): Promise<void>;
  /** All objects whose keys begin with a prefix, in pages. */
  list(bucket: string, prefix: string): AsyncGenerator<readonly ListedObject[]>;
}

/** A place as a URL, `s3://BUCKET/KEY`; the key stands as it is. */
export const urlOf = ({ bucket, key }: ObjectPlace): string => `s3://${bucket}/${key}`;

/** Reads what {@link urlOf} wrote, and `recordUpload`: the key may be empty. Undefined for what is no such URL. */
export const placeOf = (url: string): ObjectPlace | undefined => {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
};

/** Uploads go in parts of this size where they are larger, in bytes. */
export const partBytes = 8 * 1024 * 1024;

/** A store takes so many parts of one object. */
const maxParts = 10_000;

/** The size of the parts that a file goes in. */
export const partBytesOf = (size: number): number =>
  Math.max(partBytes, Math.ceil(size / maxParts / partBytes) * partBytes);

const isAbsence = (error: unknown): boolean => ["NoSuchKey", "NotFound"].includes(codeOf(error) ?? "");

/** What stores say may quote what was sent to them; their code does not. */
const told = async <Value>(work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    if (isAbsence(error)) throw error;
    const code = codeOf(error);
    if (code === "ERR_S3_MISSING_CREDENTIALS") throw new TransportError("DENIED", messageOf(error));
    const reason = code !== undefined && /^\w+$/.test(code) ? code : "it gave no reason";
    throw new TransportError("REJECTED", `the store cannot be used: ${reason}`);
  }
};

const absentAsUndefined = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
  try {
    return await told(work);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
};

/** S3 storage, where and as whom these options say; the environment of the process says the rest. */
export const s3StoreWith = (options: S3Options): ObjectStore => ({
  async put({ bucket, key }, file) {
    const body = Bun.file(file);
    const partSize = partBytesOf(body.size);
    await told(() => new S3Client({ ...options, bucket }).write(key, body, { partSize, queueSize: 2 }));
  },
  async head({ bucket, key }) {
    const found = await absentAsUndefined(() => new S3Client({ ...options, bucket }).stat(key));
    return found && { size: found.size, etag: found.etag.replaceAll('"', "") };
  },
  async read({ bucket, key }, from, to) {
    const bytes = await absentAsUndefined(() =>
      new S3Client({ ...options, bucket }).file(key).slice(from, to).bytes(),
    );
    if (!bytes) throw new TransportError("DISK", "the recording is not in the store any more");
    return bytes;
  },
  async remove({ bucket, key }) {
    await absentAsUndefined(() => new S3Client({ ...options, bucket }).delete(key));
  },
  async *list(bucket, prefix) {
    let token: string | undefined;
    do {
      const page = await told(() =>
        new S3Client({ ...options, bucket }).list({
          prefix,
          ...(token === undefined ? {} : { continuationToken: token }),
        }),
      );
      yield (page.contents ?? []).map(({ key, size }) => ({ key, size: size ?? 0 }));
      token = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (token !== undefined);
  },
});

/** S3 storage as the environment describes it: `S3_ENDPOINT`, `S3_ACCESS_KEY_ID` and so on, or the same with `AWS_`. */
export const s3Store = s3StoreWith({});
