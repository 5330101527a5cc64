/** Name and value of a header, as they stand on the wire. */
export type HeaderField = readonly [name: string, value: string];

/** The headers of a message, in their order. Names are found in any case. Immutable. */
export class RtspHeaders {
  readonly fields: readonly HeaderField[];

  constructor(fields: readonly HeaderField[]) {
    this.fields = fields;
  }

  /** The first value of a header; undefined where it is not there. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.fields.find(([each]) => each.toLowerCase() === wanted)?.[1];
  }

  /** All values of a header that may come several times, such as WWW-Authenticate. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.fields.filter(([each]) => each.toLowerCase() === wanted).map(([, value]) => value);
  }
}
