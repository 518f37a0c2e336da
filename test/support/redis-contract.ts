import anyTest, { type ExecutionContext, type TestFn } from "ava";

import { systemClock } from "../../src/platform/clock.ts";
import { openRedis, type RedisLine } from "../../src/platform/redis.ts";
import { until } from "./node-clock.ts";
import { type RealRedis, realRedis } from "./services-redis.ts";

/** A Redis of one's own, a line to it, and what the line has logged. */
export interface RedisStage {
  readonly server: RealRedis;
  readonly redis: RedisLine;
  readonly logged: string[];
}

/** Opens a line before each test of a file, to one server that is empty then; a missing server was said loudly. */
export function redisContract(): {
  readonly test: TestFn<RealRedis | undefined>;
  readonly onRedis: (
    title: string,
    body: (t: ExecutionContext<RealRedis | undefined>, stage: RedisStage) => Promise<void>,
  ) => void;
} {
  const test = anyTest.serial as TestFn<RealRedis | undefined>;
  test.before(async (t) => {
    const server = await realRedis({ own: true });
    t.context = "skipped" in server ? undefined : server;
  });
  test.after.always(async (t) => {
    await t.context?.stop();
  });
  return {
    test,
    onRedis: (title, body) => {
      test(title, async (t) => {
        const server = t.context;
        if (server === undefined) {
          t.pass();
          return;
        }
        const logged: string[] = [];
        const redis = lineTo(server, logged);
        t.teardown(() => {
          redis.close();
        });
        await until("Redis is reached", () => redis.trouble === null);
        await redis.client.config("SET", "maxmemory", "0");
        await redis.client.flushall();
        await body(t, { server, redis, logged });
      });
    },
  };
}

/** @param logged takes the texts of log lines */
export function lineTo(
  server: Pick<RealRedis, "host" | "port" | "password">,
  logged: string[] = [],
): RedisLine {
  const note = (_fields: unknown, text?: string): void => {
    logged.push(text ?? "");
  };
  const { host, port, password } = server;
  return openRedis({ host, port, password, clock: systemClock, log: { info: note, warn: note } });
}
