import { createServer, type Server } from "node:http";

import test from "ava";

import { questionText } from "../../../../ops/bench/http-line.ts";
import { type Asking, runPhase } from "../../../../ops/bench/http-phase.ts";
import type { Phase } from "../../../../ops/bench/http-plan.ts";

const stallMs = 300;
const perSecond = 100;
const phase: Phase = { seconds: 1, ratePerSecond: perSecond, linesMax: 1, whenBusy: "late" };

test("a stall is in the latency of every call that was due meanwhile, and none is left out", async (t) => {
  await stallingOnce(async (asking, statuses) => {
    const result = await runPhase(asking, phase);

    const seen = JSON.stringify(result);
    t.deepEqual(statuses, Array<number>(perSecond).fill(200), seen);
    t.is(result.sent, perSecond, seen);
    t.is(result.unsent, 0, seen);
    t.deepEqual(result.statuses, { 200: perSecond }, seen);
    // Of a hundred calls thirty were due while nobody answered: the first waited for all of it, the tenth for two thirds.
    t.true(result.servedMs.max >= stallMs, seen);
    t.true(result.servedMs.p90 >= stallMs / 2, seen);
    t.true(result.sendingMs.max >= stallMs / 2, seen);
  });
});

test("a call for which there is no caller is told as unsent, where it is not to be late", async (t) => {
  await stallingOnce(async (asking) => {
    const result = await runPhase(asking, { ...phase, whenBusy: "unsent" });

    const seen = JSON.stringify(result);
    t.true(result.unsent > 0, seen);
    t.is(result.statuses["200"], result.sent, seen);
    t.true(result.sent + result.unsent <= perSecond, seen);
  });
});

test("without a rate each line asks when it was answered", async (t) => {
  await stallingOnce(async (asking, statuses) => {
    const result = await runPhase(asking, { ...phase, ratePerSecond: null });

    t.is(result.unsent, 0);
    t.is(result.sent, statuses.length);
    t.true(result.sent > 1, JSON.stringify(result));
  });
});

/** A server that lets its first question, but not the line's greeting, wait. */
async function stallingOnce(
  body: (asking: Asking, statuses: readonly (number | null)[]) => Promise<void>,
): Promise<void> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    const delayMs = request.method === "POST" && (asked += 1) === 1 ? stallMs : 0;
    setTimeout(() => response.end("{}"), delayMs);
  });
  const port = await listening(server);
  const statuses: (number | null)[] = [];
  const told = (status: number | null): void => {
    statuses.push(status);
  };
  try {
    await body({ port, next: () => ({ text: questionText("/", "t", "{}"), told }) }, statuses);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
