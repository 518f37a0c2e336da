import type { Ground } from "./ground.ts";
import { halfPeak } from "./half-peak.ts";
import { httpCases, merchants } from "./http-case.ts";
import { memory } from "./memory.ts";
import { natsCases, shardCount, sustainedCase } from "./nats-case.ts";
import { nodes } from "./nodes.ts";
import { fastifyPeer } from "./peer-fastify.ts";
import { postgresPeers } from "./peer-postgres.ts";
import { redisPeers } from "./peer-redis.ts";
import type { Plan } from "./plan.ts";
import type { Measured } from "./report.ts";
import { restart } from "./restart.ts";
import type { Result, Row } from "./result.ts";
import type { Case, Sample } from "./sample.ts";
import { scale } from "./scale.ts";
import type { Section } from "./section.ts";
import { type Service, startService } from "./service.ts";

/**
 * Measures what is wanted. What fails in the middle is named in the report, and the rest goes on.
 * @param only names of cases and sections; absent = all
 * @throws Error when a name is not known, or the run was ended
 */
export async function run(ground: Ground, plan: Plan, only?: readonly string[]): Promise<Measured> {
  const service = await startService(ground, await ground.postgres.newDatabase(), {
    name: "service",
    environment: { NATS_URL: ground.nats.url, SHARD_COUNT: String(shardCount) },
  });
  const known = await everything(ground, service);
  const names = [...known.cases, known.sustained, ...known.sections].map(({ name }) => name);
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(", ")} is none of ${names.join(", ")}`);
  }
  const wanted = ({ name }: { readonly name: string }): boolean => only?.includes(name) ?? true;
  const cases = known.cases.filter(wanted);
  const troubles: string[] = [];
  /** @returns undefined when it failed, which is noted */
  const attempt = async <T>(name: string, body: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await body();
    } catch (error) {
      ground.signal.throwIfAborted();
      troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      ground.say(`NOT MEASURED, ${troubles.at(-1) ?? ""}`);
      return undefined;
    }
  };

  ground.say(`warming up ${cases.length} cases for ${plan.warmSeconds} s each`);
  for (const { name, measure } of cases) {
    await attempt(name, () => measure(`warm-${name}`, plan.warmSeconds));
  }
  const results = [
    ...(await inTurn(ground, cases, plan.rounds, plan.caseSeconds, attempt)),
    ...(await inTurn(ground, [known.sustained].filter(wanted), 1, plan.sustainedSeconds, attempt)),
  ];
  const rows: Row[] = [];
  for (const { name, measure } of known.sections.filter(wanted)) {
    ground.say(`measuring ${name}`);
    const measured = await attempt(name, () => measure(plan));
    results.push(...(measured?.results ?? []));
    rows.push(...(measured?.rows ?? []));
  }
  await service.kill();
  return { results: results.filter(({ samples }) => samples.length > 0), rows, troubles };
}

interface Everything {
  readonly cases: readonly Case[];
  readonly sustained: Case;
  readonly sections: readonly Section[];
}

async function everything(ground: Ground, service: Service): Promise<Everything> {
  return {
    cases: [
      ...(await postgresPeers(ground, merchants)),
      ...redisPeers(ground, merchants),
      await fastifyPeer(ground, merchants),
      ...httpCases(ground, service),
      ...natsCases(ground, service),
    ],
    sustained: sustainedCase(ground, service),
    sections: [
      halfPeak(ground, service),
      memory(ground),
      restart(ground),
      nodes(ground),
      scale(ground),
    ],
  };
}

/** All cases in turn, round after round, so that what else the machine does meets all of them alike. */
async function inTurn(
  { say }: Ground,
  cases: readonly Case[],
  rounds: number,
  seconds: number,
  attempt: <T>(name: string, body: () => Promise<T>) => Promise<T | undefined>,
): Promise<readonly Result[]> {
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, measure } of cases) {
      const sample = await attempt(name, () => measure(`${name}-${round}`, seconds));
      if (sample === undefined) continue;
      samples.get(name)?.push(sample);
      const doubt = sample.doubt === null ? "" : `, NOT PROVEN: ${sample.doubt}`;
      say(`round ${round} of ${rounds}, ${name}: ${sample.perSecond.toFixed(0)} a second${doubt}`);
    }
  }
  return cases.map(({ name, what }) => ({ name, what, samples: samples.get(name) ?? [] }));
}
