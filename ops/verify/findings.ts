import {
  type Mismatch,
  type MismatchKind,
  mismatchKinds,
  type UncheckedKind,
  uncheckedKinds,
} from "./mismatch.ts";

/** Mismatches that are kept to be named; of more, the number alone is known. */
export const namedMax = 1_000;

/** What was looked at. */
export interface Checked {
  readonly keys: number;
  readonly entries: number;
  readonly orders: number;
  readonly alerts: number;
}

/** What a verification has come upon so far. */
export class Findings {
  readonly #named: Mismatch[] = [];
  readonly #counts = new Map<MismatchKind, number>();
  readonly #unchecked = new Map<UncheckedKind, number>();
  #checked: Checked = { keys: 0, entries: 0, orders: 0, alerts: 0 };

  add(mismatch: Mismatch): void {
    if (this.#named.length < namedMax) this.#named.push(mismatch);
    this.count(mismatch.kind, 1);
  }

  /** Mismatches that are not named. */
  count(kind: MismatchKind, times: number): void {
    if (times > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  leftOut(kind: UncheckedKind, times: number): void {
    if (times > 0) this.#unchecked.set(kind, (this.#unchecked.get(kind) ?? 0) + times);
  }

  check(what: keyof Checked, times: number): void {
    this.#checked = { ...this.#checked, [what]: this.#checked[what] + times };
  }

  /** Key by key; of one key in the order of the kinds, whichever check came first. */
  get named(): readonly Mismatch[] {
    return this.#named.toSorted(
      (a, b) =>
        (a.shard ?? 0) - (b.shard ?? 0) ||
        byText(a.key, b.key) ||
        mismatchKinds.indexOf(a.kind) - mismatchKinds.indexOf(b.kind) ||
        byText(a.what, b.what),
    );
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, times) => sum + times, 0);
  }

  get checked(): Checked {
    return this.#checked;
  }

  /** Those that were found, in the order of their declaration. */
  get counts(): readonly (readonly [MismatchKind, number])[] {
    return mismatchKinds.flatMap((kind) => {
      const times = this.#counts.get(kind);
      return times === undefined ? [] : [[kind, times] as const];
    });
  }

  get unchecked(): readonly (readonly [UncheckedKind, number])[] {
    return uncheckedKinds.flatMap((kind) => {
      const times = this.#unchecked.get(kind);
      return times === undefined ? [] : [[kind, times] as const];
    });
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
