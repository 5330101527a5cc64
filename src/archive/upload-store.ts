import { S3Client } from "bun";

/** Where a segment goes. */
export interface UploadTarget {
  readonly bucket: string;
  readonly key: string;
}

/** Where segments are uploaded to. Errors are whatever went wrong; trying again may help. */
export interface UploadStore {
  /** Uploads a file, and resolves when it is there. */
  put(target: UploadTarget, file: string): Promise<void>;
  /** The size of what is there, in bytes. */
  sizeOf(target: UploadTarget): Promise<number>;
}

/** S3 storage as the environment describes it: `S3_ENDPOINT`, `S3_ACCESS_KEY_ID` and so on, or the same with `AWS_`. */
export const s3Store: UploadStore = {
  async put({ bucket, key }, file) {
    await new S3Client({ bucket }).write(key, Bun.file(file));
  },
  async sizeOf({ bucket, key }) {
    return (await new S3Client({ bucket }).stat(key)).size;
  },
};
