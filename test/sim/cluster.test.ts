import test from "ava";

import { type Life, simulate, type Verdict } from "./simulation.ts";

/** SEED replays one life, SIM_SEEDS lives so many, from SEED or the first on, each of SIM_MINUTES. */
const given = process.env["SEED"];
const minutes = Number(process.env["SIM_MINUTES"] ?? 0.25);
const firstSeed = given === undefined ? 1 : Number(given);
const seeds = Number(process.env["SIM_SEEDS"] ?? (given === undefined ? 200 : 1));
/** Lives that one test lives through, so that a bad one is told early. */
const livesOfTest = 25;
/** Lines of a trace that are shown. */
const shownMax = 40;

/** What to do about a life that was not sound, and what happened at its end. */
function reportOf({ seed }: Life, { found, trace }: Verdict): string {
  return [
    `SEED=${seed} SIM_MINUTES=${minutes} npm run test:sim -- --match='whatever happens*'`,
    ...found.slice(0, 5),
    "…",
    ...trace.slice(-shownMax),
  ].join("\n");
}

for (let from = firstSeed; from < firstSeed + seeds; from += livesOfTest) {
  const upTo = Math.min(from + livesOfTest, firstSeed + seeds) - 1;
  test.serial(
    `whatever happens to a cluster, it counts as one would: seeds ${from} to ${upTo}`,
    async (t) => {
      t.timeout(livesOfTest * minutes * 60_000 + 60_000);
      for (let seed = from; seed <= upTo; seed += 1) {
        const life = { seed, minutes };
        const verdict = await simulate(life);
        if (verdict.found.length > 0) t.fail(reportOf(life, verdict));
      }
      t.pass();
    },
  );
}

test.serial("lives in which something was found once are sound", async (t) => {
  for (const seed of [1920]) {
    const life = { seed, minutes: 0.25 };
    const verdict = await simulate(life);
    t.deepEqual(verdict.found, [], reportOf(life, verdict));
  }
});

test.serial("a cluster that nothing happens to answers everybody at once", async (t) => {
  const calm = await simulate({ seed: 1, minutes: 0.25, troubled: false });

  t.deepEqual(calm.found, []);
  t.true(calm.calls > 100);
});

test.serial("a seed is one life: lived again, it is the same to the last message", async (t) => {
  const first = await simulate({ seed: 7, minutes: 0.2 });
  const again = await simulate({ seed: 7, minutes: 0.2 });
  const other = await simulate({ seed: 8, minutes: 0.2 });

  t.is(again.hash, first.hash);
  t.not(other.hash, first.hash);
});
