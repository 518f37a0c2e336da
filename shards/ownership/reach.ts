import type { Clock } from "../../src/platform/clock.ts";
import type { Session } from "../../src/platform/database.ts";
import type { Line } from "../ports.ts";
import { Fault } from "../../src/wire/fault.ts";
import { flag, text, whole } from "../store/row.ts";
import { reachOfNodes } from "./sql.ts";
import { type Writer, writerIdOf } from "./writer.ts";

/** So long a node is waited for at least that NATS does not reach: a client connects again once a second. */
const patienceMinMs = 2_000;

/** How long a node may be out of reach before another closes its writer. */
export function patienceOf(leaseMs: number): number {
  return Math.max(leaseMs, patienceMinMs);
}

/**
 * What a node says of its line to NATS in each renewal, and what follows for itself.
 *
 *     heard ──silent──▶ said to be out of reach ──patience──▶ others may close the writer
 *       ▲                          │                                  │
 *       └───a renewal says so──────┴──────────────────────────────────┘ unless they have
 *
 * Invariant: it answers nothing over NATS from the moment on at which others may close its writer. The line may come
 * back in that moment, and a request be heard by the new owner as well: an answer from here that nothing has happened
 * would not be true.
 */
export class Reach {
  readonly #line: Line | null;
  readonly #clock: Clock;
  readonly #patienceMs: number;
  /** When it was first said that the line is silent, since it was last said that it is not. */
  #silentSinceMs: number | null = null;

  /** @param line null = its edges are in this very process, and nobody else has any */
  constructor(line: Line | null, clock: Clock, leaseMs: number) {
    this.#line = line;
    this.#clock = clock;
    this.#patienceMs = patienceOf(leaseMs);
  }

  /** Whether edges reach the node over NATS now, as far as it knows. */
  get isHeard(): boolean {
    return this.#line?.isHeard === true;
  }

  /** What is to be written with the lease now: null = there is no line. It also asks for the next sign of life. */
  toSay(): boolean | null {
    if (this.#line === null) return null;
    const { isHeard } = this.#line;
    if (!isHeard) this.#silentSinceMs ??= this.#clock.elapsedMs();
    this.#line.ask();
    return isHeard;
  }

  /** It is written, and so nobody closes the writer for a silence of before. */
  said(reachable: boolean | null): void {
    if (reachable === true) this.#silentSinceMs = null;
  }

  /** Before a writer is opened: where NATS reaches other nodes and not this one, it owns nothing. @throws Fault */
  async admit(session: Session): Promise<void> {
    if (this.#line === null || this.#line.isHeard) return;
    this.#line.ask();
    if ((await readReach(session)).some(({ reachable }) => reachable)) {
      throw new Fault("SHARD_UNAVAILABLE", "NATS is not reached from here, but by other nodes");
    }
  }

  /** Whether what is heard over NATS may be answered. */
  get mayAnswer(): boolean {
    const sinceMs = this.#silentSinceMs;
    return sinceMs === null || this.#clock.elapsedMs() - sinceMs < this.#patienceMs;
  }
}

/** A writer with a live lease, and what its node said last of its line. */
interface NodeReach extends Writer {
  readonly reachable: boolean;
  /** How long it is so, by the database's clock. */
  readonly forMs: number;
}

export async function readReach(session: Session): Promise<readonly NodeReach[]> {
  return (await session.run(reachOfNodes)).map((row) => ({
    writerId: writerIdOf(row["writer_id"]),
    node: text(row, "node"),
    reachable: flag(row, "reachable"),
    forMs: whole(row, "for_ms"),
  }));
}

/**
 * Nodes that are out of reach while another has been in reach all the time. Where NATS is away for all, nobody is cut
 * off, and nothing moves; nor is who comes back to it a little later than the first.
 */
export function cutOff(nodes: readonly NodeReach[], patienceMs: number): readonly NodeReach[] {
  const lasting = nodes.filter(({ forMs }) => forMs >= patienceMs);
  if (!lasting.some(({ reachable }) => reachable)) return [];
  return lasting.filter(({ reachable }) => !reachable);
}
