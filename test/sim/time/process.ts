import { type Instant, instant } from "../../../src/domain/instant.ts";
import type { Cancel, Clock } from "../../../src/platform/clock.ts";
import type { Agenda } from "./agenda.ts";

/**
 * A process of the simulated cluster. Whatever comes to it from outside, and its own timers, come through here: so it
 * can be stopped between any two of its steps, for a while or for ever.
 *
 *     running ◀──▶ paused
 *        └───dies────┴──▶ dead
 */
export class Process {
  readonly name: string;
  readonly clock: Clock;
  readonly #agenda: Agenda;
  #state: "running" | "paused" | "dead" = "running";
  /** What came while it was paused. */
  readonly #backlog: (() => void)[] = [];
  readonly #onDeath: (() => void)[] = [];
  #wallMs: number;

  /** @param beginsAt wall time at the beginning of the simulation, as this machine's clock has it */
  constructor(agenda: Agenda, name: string, beginsAt: Instant) {
    this.#agenda = agenda;
    this.name = name;
    this.#wallMs = beginsAt;
    const startedMs = agenda.nowMs;
    this.clock = {
      now: () => instant(Math.floor(this.#wallMs + agenda.nowMs)),
      elapsedMs: () => agenda.nowMs - startedMs,
      after: (delayMs, run) => this.hears(delayMs, run),
      soon: (run) => {
        this.hears(0, run);
      },
    };
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** Runs it in the process after a delay; a pause adds to it, and the dead hear nothing. */
  hears(delayMs: number, run: () => void): Cancel {
    let cancelled = false;
    const cancel = this.#agenda.after(delayMs, () => {
      if (this.#state === "running") run();
      else if (this.#state === "paused")
        this.#backlog.push(() => {
          if (!cancelled) run();
        });
    });
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** SIGSTOP: time goes on, and it does not notice. */
  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    for (const run of this.#backlog.splice(0)) this.hears(0, run);
  }

  /** SIGKILL. */
  die(): void {
    if (this.#state === "dead") return;
    this.#state = "dead";
    this.#backlog.length = 0;
    for (const run of this.#onDeath.splice(0)) run();
  }

  /** What the machine does when the process is gone: its sockets are closed. */
  onDeath(run: () => void): void {
    this.#onDeath.push(run);
  }

  /** Sets the wall clock, on or back. */
  shiftWall(byMs: number): void {
    this.#wallMs += byMs;
  }
}
