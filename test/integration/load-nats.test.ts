import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import test from "ava";

import { askSubject } from "../../src/wire/subject.ts";
import { runLoadProcess } from "../support/load-process.ts";
import { realNats } from "../support/services-nats.ts";

const lastToken = /\.([^.]+)\.[^.]+$/;

/** Takes and tells, in place of the service. @param forgets of every so many, counts one that it does not tell of */
function count(connection: NatsConnection, forgets: number): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  const orders = new Map<string, number>();
  const answer = (message: Msg): object => {
    const [, merchantId = ""] = lastToken.exec(message.subject) ?? [];
    const before = used.get(merchantId) ?? 0;
    const body = message.json<Partial<Order>>();
    const { order_no: orderNo, amount = 0 } = body;
    if (orderNo === undefined) {
      const ends = new Date(Date.now() + 12 * 3_600_000).toISOString();
      return { daily_used: before, yearly_used: before, daily_reset_at: ends };
    }
    const isDuplicate = orders.has(orderNo);
    orders.set(orderNo, amount);
    if (!isDuplicate) used.set(merchantId, before + amount);
    if (!isDuplicate && orders.size % forgets === 0) {
      return { status: 504, code: "OUTCOME_UNKNOWN", message: "cut" };
    }
    return { success: true, duplicate: isDuplicate };
  };
  connection.subscribe(askSubject("*", "*", "*"), {
    callback: (error, message) => {
      if (error) throw error;
      message.respond(JSON.stringify({ status: 200, ...answer(message) }));
    },
  });
  return used;
}

interface Order {
  readonly order_no: string;
  readonly amount: number;
}

test("a load over NATS settles what it was not told of, and finds all counted", async (t) => {
  const server = await realNats({ own: true });
  if ("skipped" in server) {
    t.log(`SKIPPED: ${server.skipped}`);
    t.pass();
    return;
  }
  t.teardown(() => server.stop());
  const connection = await connect({ servers: server.url });
  t.teardown(() => connection.close());
  const used = count(connection, 10);
  await connection.flush();

  const loaded = await runLoadProcess(t, [
    ...["--url", server.url, "--driver", "nats", "--profile", "zipf", "--rate", "200"],
    ...["--seconds", "2", "--merchants", "10", "--json"],
  ]);

  t.is(loaded.code, 0, loaded.stderr + loaded.stdout);
  const report = JSON.parse(loaded.stdout) as {
    readonly settled: Readonly<Record<string, number>>;
  };
  t.true((report.settled["unknown"] ?? 0) > 0);
  t.is(report.settled["applied"], report.settled["unknown"]);
  t.is(report.settled["merchants"], used.size);
});
