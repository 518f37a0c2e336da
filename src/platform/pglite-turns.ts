/** A queue of one at a time, in the order of the calls. */
export class PgliteTurns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  take<T>(turn: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const mine = this.#last.then(turn).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
