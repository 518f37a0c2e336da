import { Actor } from "../../../shards/actor.ts";
import type { Entry } from "../../../shards/entry.ts";
import { sameForAll } from "../../../shards/limits/default.ts";
import { Batch } from "../../../shards/store/batch.ts";
import { orderKeyOf, orderRefOf } from "../../../src/domain/order.ts";
import type { Order } from "../../../src/domain/order.ts";
import { shardOf } from "../../../src/wire/placement.ts";
import { existing, limits, midday, thresholds } from "../../support/quota-builders.ts";
import { randomCommand, storyKeys } from "../../support/store-story.ts";
import type { Dice } from "../time/dice.ts";

const turnsMax = 6;

/** Batches of a story about some merchants, as their actors write them. */
export class BatchSource {
  readonly #dice: Dice;
  readonly #actors: ReadonlyMap<string, Actor>;
  readonly #orders = new Map<string, Order>();
  #recorded: Entry[] = [];

  constructor(dice: Dice, shardCount: number) {
    this.#dice = dice;
    const inForce = limits({ daily: 120n, pending: 200n });
    this.#actors = new Map(
      storyKeys.map((key) => [
        key.text,
        new Actor(
          key,
          shardOf(key, shardCount),
          { key: undefined, limits: undefined },
          {
            now: () => midday,
            newId: () => dice.uuid(),
            limits: sameForAll(() => inForce),
            thresholds: () => thresholds,
            record: (entry) => this.#recorded.push(entry),
          },
        ),
      ]),
    );
  }

  /** The columns of a journal row with some more of the story. */
  columns(seq: number): readonly string[] {
    const turns = 1 + this.#dice.below(turnsMax);
    for (let n = 0; n < turns; n += 1) this.#tell();
    const batch = new Batch(seq);
    for (const entry of this.#recorded) batch.add(entry);
    this.#recorded = [];
    return batch.columns();
  }

  #tell(): void {
    const command = randomCommand((below) => this.#dice.below(below));
    const ref = orderRefOf(command);
    const orderKey = ref === null ? "" : orderKeyOf(command.key, ref);
    const actor = existing(this.#actors.get(command.key.text));
    const outcome = actor.turn(command, () => this.#orders.get(orderKey));
    if (outcome.kind === "accepted" && outcome.order) this.#orders.set(orderKey, outcome.order);
  }
}
