import { addCost, costOf } from "./cost.ts";
import type { Ground } from "./ground.ts";
import { bookOf } from "./book.ts";
import { type Case, doubtOf, type Sample } from "./sample.ts";
import { type Service, settled } from "./service.ts";
import { type Asked, loadWith, type Spread, type Summary } from "./wrk.ts";

const connections = 64;

/** Merchants of the cases that spread over many. */
export const merchants = 10_000;

const hot: Spread = { kind: "hot" };
const uniform: Spread = { kind: "uniform", merchants };
const zipf: Spread = { kind: "zipf", merchants };

/** What is asked of the service over HTTP, with 64 connections that ask again as soon as they are answered. */
export function httpCases(ground: Ground, service: Service): readonly Case[] {
  const over = (name: string, what: string, asked: Asked): Case => ({
    name,
    what,
    measure: (run, seconds) => measureHttp(ground, service, { name: run, asked, seconds }),
  });
  return [
    over("live", "GET /health/live", { kind: "live" }),
    over("http-hot", "HTTP consume, one hot merchant", { kind: "consume", spread: hot }),
    over("http-uniform", "HTTP consume, uniform", { kind: "consume", spread: uniform }),
    over("http-zipf", "HTTP consume, Zipf", { kind: "consume", spread: zipf }),
    over("http-check", "HTTP check, uniform", { kind: "check", spread: uniform }),
    over("http-mixed", "HTTP 60 % check, 30 % consume, 10 % release, uniform", {
      kind: "mixed",
      spread: uniform,
    }),
  ];
}

export async function measureHttp(
  ground: Ground,
  service: Service,
  load: { readonly name: string; readonly asked: Asked; readonly seconds: number },
): Promise<Sample> {
  const before = await bookOf(ground, service.database);
  const costBefore = await costOf(ground, service);
  const summary = await loadWith(ground, { ...load, url: service.url, connections });
  await settled(service, ground.signal);
  const costAfter = await costOf(ground, service);
  const after = await bookOf(ground, service.database);
  const taken = {
    orders: after.orders - before.orders,
    used: after.used - before.used,
  };
  return {
    ...speedOf(summary),
    doubt: doubtAbout(summary, taken),
    details: addCost(costBefore, costAfter, summary.requests),
  };
}

/** What wrk says of any server. */
export function speedOf(summary: Summary): Omit<Sample, "doubt" | "details"> {
  return {
    operations: summary.requests,
    perSecond: (summary.requests * 1_000_000) / summary.lastedUs,
    p50Ms: summary.p50Us / 1_000,
    p99Ms: summary.p99Us / 1_000,
  };
}

/** Whether every answer was 2xx. */
export function answersDoubt({ requests, non2xx, broken }: Summary): string | null {
  return doubtOf(
    [requests > 0, "nothing was answered"],
    [non2xx === 0, `${non2xx} answers were not 2xx`],
    [broken === 0, `${broken} connections broke or were answered too late`],
  );
}

/** Made and not heard: one call a connection that is on its way when wrk ends, and one that it makes only to look at. */
const unheardMax = connections + 1;

/**
 * A call that is on its way at the end may be counted, and nobody hears its answer. So what is counted lies between what
 * was sent and what was sent without these.
 */
export function doubtAbout(
  summary: Summary,
  taken: { readonly orders: number; readonly used: number },
): string | null {
  const { sent, requests } = summary;
  const asked = sent.check + sent.consume + sent.release;
  const unheard = asked - requests;
  const within = (counted: number, most: number): boolean =>
    counted <= most && counted >= most - unheardMax;
  const orders = `${taken.orders} orders are counted of ${sent.consume} that were sent, ${unheard} calls unheard`;
  const used = `${taken.used} are used of ${sent.consume - sent.release}, ${unheard} calls unheard`;
  const usedMost = sent.consume - sent.release + unheardMax;
  return (
    answersDoubt(summary) ??
    doubtOf(
      [asked === 0 || (unheard >= 0 && unheard <= unheardMax), `${unheard} calls were not heard`],
      [within(taken.orders, sent.consume), orders],
      [taken.used <= usedMost && taken.used >= usedMost - 2 * unheardMax, used],
    )
  );
}
