/**
 * What the contract promises about one key, as plainly as it can be said: a list of what happened, from which every
 * number is counted anew; it shares no code with the domain. What the contract leaves open, the product decided:
 * - a hold counts against the amounts and counts of the periods it was made in; its confirmation is charged there;
 * - cancel and expire give the count back, a release does not; the pending limit is on pending plus held;
 * - suspension stops consume and reserve only; the first reason is named: suspension, single, amounts, counts, pending;
 * - a reset begins the period anew: earlier orders give nothing back to it; no period gives way to an earlier one;
 * - confirming more than was held is ORDER_CONFLICT; naming no amount repeats only what had left nothing;
 * - consume of a reserved order says what became of the hold; due holds are dropped before anything else is asked.
 */
type Name = "daily" | "monthly" | "yearly";
type Each<T> = Readonly<Record<Name, T>>;
type Amount = bigint | null;
type Asked = Readonly<{ kind: string; amount?: Amount; changes?: Each<bigint>; window?: Name }> &
  Readonly<Partial<Record<"orderNo" | "refundNo" | "adjustmentNo", string | null>>>;
type Bounds = Readonly<Record<"singleMin" | "singleMax" | "maxPending", Amount>> &
  Readonly<{ zone: string; windows: Each<Amount>; refunds: Omit<Each<Amount>, "yearly"> }> &
  Readonly<{ counts: Omit<Each<number | null>, "yearly"> }>;
type Event = Asked & { readonly amount: bigint; readonly periods: Each<string> };
interface Numbers {
  readonly windows: Each<Readonly<{ used: bigint; held: bigint; count: number; refunded: bigint }>>;
  readonly pending: bigint;
  readonly reserved: bigint;
  readonly isSuspended: boolean;
}

const ends = /confirm|cancel|expire/;
const formats = new Map<string, Intl.DateTimeFormat>();
const names = ["daily", "monthly", "yearly"] as const;
const each = <T>(make: (name: Name) => T): Each<T> => ({
  daily: make("daily"),
  monthly: make("monthly"),
  yearly: make("yearly"),
});
const sum = (events: readonly Event[]) => events.reduce((total, { amount }) => total + amount, 0n);
const over = (total: bigint, limit: bigint | null) => limit !== null && total > limit;
const same = (isSame: boolean) => (isSame ? "duplicate" : "ORDER_CONFLICT");
const closed = (end?: Event) =>
  !end ? "ORDER_RESERVED" : `RESERVATION_${end.kind === "expire" ? "EXPIRED" : "CLOSED"}`;

export class NaiveModel {
  readonly #events: Event[] = [];
  /** The same events, for their orders' sake. */
  readonly #byOrder = new Map<string, Event[]>();
  /** The numbers counted last: they stand until something happens or a period ends. */
  #counted: { readonly when: string; readonly numbers: Numbers } | null = null;

  /** @returns "accepted", "duplicate" or the code of the refusal */
  ask(asked: Asked, bounds: Bounds, nowMs: number): string {
    const answer = this.#answer(asked, bounds, this.numbers(bounds.zone, nowMs));
    const all = asked.kind === "release" ? this.#left(asked) : sum(this.#of(asked, /reserve/));
    const event = { ...asked, amount: asked.amount ?? all, periods: this.#at(bounds.zone, nowMs) };
    if (answer === "accepted") {
      this.#events.push(event);
      const no = event.orderNo ?? "";
      this.#byOrder.set(no, [...(this.#byOrder.get(no) ?? []), event]);
    }
    return answer;
  }

  numbers(zone: string, nowMs: number): Numbers {
    const periods = this.#at(zone, nowMs);
    const when = `${this.#events.length} ${names.map((name) => periods[name]).join(" ")}`;
    if (this.#counted?.when !== when) this.#counted = { when, numbers: this.#count(periods) };
    return this.#counted.numbers;
  }

  #count(periods: Each<string>): Numbers {
    const of = (kinds: RegExp) => this.#events.filter(({ kind }) => kinds.test(kind));
    const open = of(/reserve/).filter((e) => !this.#of(e, ends)[0]);
    const unsettled = of(/consume|confirm/).filter((e) => !this.#of(e, /settle/)[0]);
    const windows = each((name) => {
      const isHere = (e: Event) =>
        (this.#of(e, /consume|reserve/)[0] ?? e).periods[name] === periods[name];
      const used = this.#events.filter(isHere).reduce((total, { kind, amount, changes }) => {
        if (kind === "consume" || kind === "confirm") return total + amount;
        if (kind === "release") return total > amount ? total - amount : 0n;
        return total + (changes?.[name] ?? 0n);
      }, 0n);
      const came = of(/consume|reserve/).filter(isHere).length;
      const count = came - of(/cancel|expire/).filter(isHere).length;
      const refunded = sum(of(/release/).filter((e) => e.periods[name] === periods[name]));
      return { used, held: sum(open.filter(isHere)), count, refunded };
    });
    const pending = unsettled.reduce((total, e) => total + this.#left(e), 0n);
    const isSuspended = of(/suspend|resume/).at(-1)?.kind === "suspend";
    return { windows, pending, reserved: sum(open), isSuspended };
  }

  #answer(asked: Asked, bounds: Bounds, now: Numbers): string {
    const { kind, amount = null, changes } = asked;
    if (/suspend|resume|reset/.test(kind)) return "accepted";
    if (changes) {
      const no = asked.adjustmentNo ?? null;
      const old = this.#events.find((e) => no !== null && e.adjustmentNo === no)?.changes;
      if (old) return same(names.every((name) => old[name] === changes[name]));
      const isBelow = names.some((name) => now.windows[name].used + changes[name] < 0n);
      return isBelow ? "ADJUST_BELOW_ZERO" : "accepted";
    }
    const [consumed] = this.#of(asked, /consume/);
    const [held] = this.#of(asked, /reserve/);
    const [end] = this.#of(asked, ends);
    if (kind === "consume" && consumed) return same(consumed.amount === amount);
    if (kind === "consume" && held) return end?.kind === "confirm" ? same(false) : closed(end);
    if (kind === "reserve" && (held ?? consumed)) return same(held?.amount === amount);
    if (kind === "consume" || kind === "reserve") return this.#misfit(amount ?? 0n, bounds, now);
    if (!held && !consumed) return "ORDER_NOT_FOUND";
    if (kind === "release" || kind === "settle") {
      if (held && end?.kind !== "confirm") return closed(end);
      if (kind === "release") return this.#release(asked, bounds, now.windows);
      return this.#of(asked, /settle/)[0] ? "duplicate" : "accepted";
    }
    if (!held) return "ORDER_CONFLICT";
    if (end && end.kind !== kind) return closed(end);
    if (end) return same(kind === "cancel" || end.amount === (amount ?? held.amount));
    return over(amount ?? 0n, held.amount) ? "ORDER_CONFLICT" : "accepted";
  }

  #misfit(amount: bigint, bounds: Bounds, { windows, ...now }: Numbers): string {
    if (now.isSuspended) return "QUOTA_SUSPENDED";
    if (amount < (bounds.singleMin ?? 0n)) return "BELOW_SINGLE_MINIMUM";
    if (over(amount, bounds.singleMax)) return "SINGLE_LIMIT_EXCEEDED";
    for (const name of names)
      if (over(windows[name].used + windows[name].held + amount, bounds.windows[name]))
        return `${name.toUpperCase()}_LIMIT_EXCEEDED`;
    for (const name of ["daily", "monthly"] as const)
      if (windows[name].count >= (bounds.counts[name] ?? Infinity))
        return `${name.toUpperCase()}_COUNT_EXCEEDED`;
    const total = now.pending + now.reserved + amount;
    return over(total, bounds.maxPending) ? "PENDING_LIMIT_EXCEEDED" : "accepted";
  }

  #release(asked: Asked, { refunds }: Bounds, now: Numbers["windows"]): string {
    const earlier = this.#of(asked, /release/);
    const by = (e: Asked) => e.refundNo ?? e.orderNo;
    const old = earlier.findIndex((e) => by(e) === by(asked));
    const left = this.#left(asked) + (old < 0 ? 0n : sum(earlier.slice(old)));
    const amount = asked.amount ?? left;
    if (old >= 0) return same(earlier[old]?.amount === amount);
    if (left === 0n || amount > left) return "RELEASE_EXCEEDS_CONSUMED";
    for (const name of ["daily", "monthly"] as const)
      if (over(now[name].refunded + amount, refunds[name]))
        return `REFUND_${name.toUpperCase()}_LIMIT_EXCEEDED`;
    return "accepted";
  }

  #of({ orderNo }: Asked, kinds: RegExp): Event[] {
    return orderNo ? (this.#byOrder.get(orderNo) ?? []).filter((e) => kinds.test(e.kind)) : [];
  }

  #left(asked: Asked): bigint {
    return sum(this.#of(asked, /consume|confirm/)) - sum(this.#of(asked, /release/));
  }

  /** The periods that run: calendar dates in the zone, each with the number of its resets. */
  #at(timeZone: string, nowMs: number): Each<string> {
    const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone });
    formats.set(timeZone, format);
    const date = format.format(nowMs);
    return each((name) => {
      const text = date.slice(0, { daily: 10, monthly: 7, yearly: 4 }[name]);
      const last = this.#events.at(-1)?.periods[name].split("#")[0] ?? "";
      const running = text > last ? text : last;
      const isReset = (e: Event) => e.window === name && e.periods[name].startsWith(running);
      return `${running}#${this.#events.filter(isReset).length}`;
    });
  }
}
