import { elementsOf } from "./literal.ts";

/** The values of a statement, $1 first, in the text form in which they arrive. */
export class Parameters {
  readonly #values: readonly (string | null)[];

  constructor(values: readonly (string | null)[]) {
    this.#values = values;
  }

  text(place: number): string {
    const value = this.#values[place - 1];
    if (value === undefined || value === null) throw new Error(`$${place} has no value`);
    return value;
  }

  textOrNull(place: number): string | null {
    return this.#values[place - 1] ?? null;
  }

  whole(place: number): number {
    return Number(this.text(place));
  }

  flag(place: number): boolean {
    return this.text(place) === "true";
  }

  wholeOrNull(place: number): number | null {
    return this.textOrNull(place) === null ? null : this.whole(place);
  }

  flagOrNull(place: number): boolean | null {
    return this.textOrNull(place) === null ? null : this.flag(place);
  }

  timeMs(place: number): number {
    return Date.parse(this.text(place));
  }

  list(place: number): readonly (string | null)[] {
    return elementsOf(this.text(place));
  }

  texts(place: number): readonly string[] {
    return this.list(place).map((element) => element ?? "");
  }

  wholes(place: number): readonly number[] {
    return this.texts(place).map(Number);
  }
}
