/** Lines kept to be shown when something is found. */
const linesMax = 60;

/** What happened, in order: a hash of all of it, and its last lines. */
export class Trace {
  readonly #now: () => number;
  readonly #last: string[] = [];
  #sum = 0x811c9dc5;
  #lines = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(text: string): void {
    const line = `${this.#now().toFixed(3)} ${text}`;
    this.#lines += 1;
    for (let at = 0; at < line.length; at += 1) {
      this.#sum = Math.imul(this.#sum ^ line.charCodeAt(at), 0x01000193);
    }
    this.#last.push(line);
    if (this.#last.length > 2 * linesMax) this.#last.splice(0, linesMax);
  }

  /** The same for the same history, and hardly for another. */
  get hash(): string {
    return `${this.#lines}-${(this.#sum >>> 0).toString(16)}`;
  }

  /** The last lines. @param about kept are those that hold one of these; none = all */
  last(about: readonly string[] = []): readonly string[] {
    const of = this.#last.filter(
      (line) => about.length === 0 || about.some((text) => line.includes(text)),
    );
    return of.slice(-linesMax);
  }
}
