/**
 * Reads server-sent events: text goes in as it comes, the data of whole events comes out. Names, ids and comments are of no use here.
 * HTML Living Standard 9.2.6.
 */
export class EventStreamReader {
  #rest = "";
  #data: string[] = [];

  /** Takes the next text, cut anywhere. Gives the data of every event that it completes. */
  take(text: string): string[] {
    const events: string[] = [];
    // A carriage return at the end may be half of a line's end.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") this.#takeLine(line);
      else if (this.#data.length > 0) events.push(this.#data.splice(0).join("\n"));
    }
    return events;
  }

  #takeLine(line: string): void {
    const [, value] = /^data(?:: ?(.*))?$/s.exec(line) ?? [];
    if (value !== undefined) this.#data.push(value);
    else if (line === "data") this.#data.push("");
  }
}
