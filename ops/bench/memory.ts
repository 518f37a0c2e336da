import { bookOf } from "./book.ts";
import { memoryOf } from "./cpu.ts";
import { figureOf } from "./figure.ts";
import type { Ground } from "./ground.ts";
import { heapBytesOf, heapOptions } from "./heap.ts";
import type { Section } from "./section.ts";
import { metricsOf, type Service, settled, startService } from "./service.ts";
import { touch } from "./touch.ts";

const actorMaxBytes = 1_024;
/** Keys that stay in memory: more than are touched, so that each keeps its actor. */
const actorsMax = 500_000;

/**
 * What an idle actor keeps: the heap with few of them and with many, garbage collected, when the tables have
 * everything; the difference by the actors that came in between. What every process has cancels out.
 */
export function memory(ground: Ground): Section {
  return {
    name: "memory",
    measure: async ({ merchantsTouched }) => {
      const few = Math.floor(merchantsTouched / 10);
      const service = await startService(ground, await ground.postgres.newDatabase(), {
        name: "memory",
        environment: { ACTORS_MAX: String(actorsMax) },
        nodeOptions: heapOptions,
      });
      ground.say(`touching ${merchantsTouched} merchants once`);
      await touch(ground, service, { name: "touch", from: 1, to: few });
      const before = await standing(ground, service);
      await touch(ground, service, { name: "touch", from: few + 1, to: merchantsTouched });
      const after = await standing(ground, service);
      const { orders } = await bookOf(ground, service.database);
      const resident = memoryOf(service.pid).bytes;
      await service.kill();
      if (orders !== merchantsTouched || after.actors !== merchantsTouched) {
        throw new Error(
          `memory: ${orders} are counted, ${after.actors} are resident of ${merchantsTouched}`,
        );
      }
      const bytes = (after.heapBytes - before.heapBytes) / (after.actors - before.actors);
      return {
        results: [],
        rows: [
          {
            what: "memory of an idle actor, on the heap",
            ...{ unit: "bytes", digits: 0, figure: figureOf([bytes]) },
            target: { is: "at most", bound: actorMaxBytes },
          },
          {
            what: `resident memory of the process with ${merchantsTouched.toLocaleString("en-US")} actors`,
            ...{ unit: "MB", digits: 0, figure: figureOf([resident / 1_000_000]), target: null },
          },
        ],
      };
    },
  };
}

async function standing(
  ground: Ground,
  service: Service,
): Promise<{ readonly heapBytes: number; readonly actors: number }> {
  await settled(service, ground.signal);
  const heapBytes = await heapBytesOf(ground, "memory");
  return { heapBytes, actors: (await metricsOf(service))("quota_actors_resident") };
}
