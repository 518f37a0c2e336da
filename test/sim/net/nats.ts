import type { NatsLine } from "../../../src/platform/nats.ts";
import type { Heard } from "../../../src/platform/nats-heard.ts";
import type { Agenda } from "../time/agenda.ts";
import type { Dice } from "../time/dice.ts";
import type { Process } from "../time/process.ts";
import type { Trace } from "../time/trace.ts";
import { latencyMs } from "../store/line.ts";

/** What the network makes of messages now. Shares of 0 … 1. */
export interface Weather {
  readonly drops: number;
  readonly doubles: number;
  /** Come so late that others overtake them. */
  readonly lags: number;
}

export const calm: Weather = { drops: 0, doubles: 0, lags: 0 };
/** How late a message that lags comes. */
const lagMs = [5, 1_500] as const;
const payloadBytesMax = 1_048_576;

interface Listener {
  readonly process: Process;
  /** Ends in `.>` or `.*`, or is a subject. */
  readonly pattern: string;
  readonly hear: (heard: Heard) => void;
}

interface Connection {
  isUp: boolean;
  readonly onLost: (() => void)[];
}

/**
 * A model of NATS, and worse than it: it loses, doubles and reorders what the server would lose only together with a
 * connection.
 */
export class NatsModel {
  weather: Weather = calm;
  /** It has carried a message twice: what a real one never does. */
  hasDoubled = false;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #trace: Trace;
  readonly #connections = new Map<Process, Connection>();
  readonly #listeners = new Set<Listener>();
  #inboxes = 0;

  constructor(agenda: Agenda, dice: Dice, trace: Trace) {
    this.#agenda = agenda;
    this.#dice = dice;
    this.#trace = trace;
  }

  /** The connection of a process. */
  join(process: Process): NatsLine {
    const connection: Connection = { isUp: true, onLost: [] };
    this.#connections.set(process, connection);
    process.onDeath(() => {
      this.#connections.delete(process);
      for (const each of [...this.#listeners]) {
        if (each.process === process) this.#listeners.delete(each);
      }
    });
    const subscribe: NatsLine["subscribe"] = (pattern, hear) => {
      const listener: Listener = { process, pattern, hear };
      this.#listeners.add(listener);
      return () => {
        this.#listeners.delete(listener);
      };
    };
    return {
      get connected() {
        return connection.isUp;
      },
      payloadBytesMax,
      onLost: (run) => {
        connection.onLost.push(run);
      },
      newInbox: () => `inbox.${(this.#inboxes += 1)}`,
      send: ({ subject, text, reply }) => {
        if (!connection.isUp) return false;
        this.#carry(subject, text, reply ?? null);
        return true;
      },
      subscribe,
      listen: (subject, hear) =>
        subscribe(subject, (heard) => {
          hear(heard.text());
        }),
    };
  }

  /** A process loses its connection, and what was on its way with it. */
  cut(process: Process): void {
    const connection = this.#connections.get(process);
    if (connection?.isUp !== true) return;
    connection.isUp = false;
    process.hears(0, () => {
      for (const run of connection.onLost) run();
    });
  }

  heal(process: Process): void {
    const connection = this.#connections.get(process);
    if (connection) connection.isUp = true;
  }

  #carry(subject: string, text: string, reply: string | null): void {
    const dice = this.#dice;
    if (dice.says(this.weather.drops)) {
      this.#trace.note(`lost: ${subject}`);
      return;
    }
    const copies = dice.says(this.weather.doubles) ? 2 : 1;
    if (copies > 1) this.hasDoubled = true;
    for (let n = 0; n < copies; n += 1) {
      const lateMs = dice.says(this.weather.lags) ? dice.between(...lagMs) : 0;
      this.#agenda.after(latencyMs(dice) + lateMs, () => {
        this.#deliver(subject, text, reply);
      });
    }
  }

  #deliver(subject: string, text: string, reply: string | null): void {
    const listeners = [...this.#listeners].filter(({ pattern }) => matches(pattern, subject));
    const heard = { subject, reply, nobody: false, bytes: text.length, text: () => text };
    for (const { process, hear } of listeners) {
      if (this.#connections.get(process)?.isUp !== true) continue;
      process.hears(latencyMs(this.#dice), () => {
        hear({ ...heard, header: () => null });
      });
    }
    if (listeners.length === 0 && reply !== null) this.#tellNobody(reply);
  }

  /** As the server does for a request that nobody hears. */
  #tellNobody(reply: string): void {
    const nobody = { subject: reply, reply: null, nobody: true, bytes: 0, text: () => "" };
    for (const { process, pattern, hear } of this.#listeners) {
      if (!matches(pattern, reply) || this.#connections.get(process)?.isUp !== true) continue;
      process.hears(latencyMs(this.#dice), () => {
        hear({ ...nobody, header: () => null });
      });
    }
  }
}

function matches(pattern: string, subject: string): boolean {
  return /\.[>*]$/.test(pattern) ? subject.startsWith(pattern.slice(0, -1)) : subject === pattern;
}
