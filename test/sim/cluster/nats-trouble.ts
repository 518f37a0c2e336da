import { calm } from "../net/nats.ts";
import type { Process } from "../time/process.ts";
import type { World } from "./world.ts";

/** What goes wrong with NATS, from time to time, as often as it stands here. */
export function natsTroubles({
  world: { nats, dice, sleep },
  processes,
  note,
}: {
  readonly world: World;
  /** All that live. */
  readonly processes: () => readonly Process[];
  readonly note: (kind: string) => void;
}): readonly (() => Promise<void>)[] {
  const lasts = (leastMs: number, mostMs: number) => sleep(dice.between(leastMs, mostMs));

  /** One process loses its connection, now and then for so long that others close its writer. */
  const lose = async (): Promise<void> => {
    const process = dice.oneOf(processes());
    note(`no-nats ${process.name}`);
    nats.cut(process);
    await lasts(20, 7_000);
    nats.heal(process);
  };

  /** All lose it, and each finds it again in its own time. */
  const goDown = async (): Promise<void> => {
    note("nats-down");
    const all = processes();
    for (const process of all) nats.cut(process);
    await lasts(20, 4_000);
    for (const process of all) {
      await lasts(0, 300);
      nats.heal(process);
    }
  };

  const turnBad = async (): Promise<void> => {
    const share = (): number => (dice.says(0.5) ? dice.between(0, 0.2) : 0);
    note("weather");
    nats.weather = { drops: share(), doubles: share(), lags: share() };
    await lasts(500, 5_000);
    nats.weather = calm;
  };

  return [lose, lose, goDown, turnBad, turnBad];
}
