/** One file of a page, as a browser gets it. */
export interface WebFile {
  /** `index.html`, or a name that no other content will ever have. */
  readonly name: string;
  /** Its media type, for `Content-Type`. */
  readonly type: string;
  readonly text: string;
}

/** Under which path all files but `index.html` are served: one that nobody gives to a stream. */
export const filesPath = "/.web/";
