import test from "ava";

import { patchedProgram } from "./mutants/patched-program.ts";
import { patches } from "./mutants/patches.ts";
import { portMutants } from "./mutants/ports.ts";
import { type Life, simulate, type Verdict } from "./simulation.ts";

/** Any of these bugs shows in one of so many lives. */
const seedsMax = 50;
const minutes = 0.5;
const timeoutMs = 240_000;

/** The first life in which something is found; null = none of them. */
async function firstFound(
  live: (life: Life) => Promise<Verdict>,
  life: Omit<Life, "seed" | "minutes">,
): Promise<string | null> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { found } = await live({ ...life, seed, minutes });
    if (found.length > 0) return `seed ${seed}: ${found[0] ?? ""}`;
  }
  return null;
}

for (const [name, mutant] of Object.entries(portMutants)) {
  test.serial(`a program that ${name} is found out`, async (t) => {
    t.timeout(timeoutMs);
    const found = await firstFound(simulate, { mutant });

    t.log(found);
    t.not(found, null);
  });
}

for (const [name, edits] of Object.entries(patches)) {
  test.serial(`a program that ${name} is found out`, async (t) => {
    t.timeout(timeoutMs);
    const program = await patchedProgram(edits);
    t.teardown(program.remove);
    const found = await firstFound(program.simulate, {});

    t.log(found);
    t.not(found, null);
  });
}

test("a patch that does not find its place is told, and not passed over", async (t) => {
  const edits = [{ file: "shards/shelf.js", from: "no such text", to: "" }];

  await t.throwsAsync(patchedProgram(edits), { message: /0 places/ });
});
