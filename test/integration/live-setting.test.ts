import test, { type ExecutionContext } from "ava";

import { createConfigService } from "../../src/clients/config-service.ts";
import { LiveSettings } from "../../src/live-setting.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { answering, type Behaviour, FakeNeighbour, saying } from "../support/fake-neighbour.ts";
import { LogLines } from "../support/log-lines.ts";
import { until } from "../support/node-clock.ts";

/** The service's answer with these settings. */
function offering(settings: Record<string, unknown>): Behaviour {
  const items = Object.entries(settings).map(([key, value]) => ({ key, value }));
  return answering({ code: "SUCCESS", data: { items } });
}

interface Scene {
  readonly log: LogLines;
  readonly open: () => Promise<LiveSettings>;
  /** Lets time pass, but none of it while a question is under way, until it is so. */
  readonly passing: (what: string, isSo: () => boolean) => Promise<void>;
}

function sceneBeside(t: ExecutionContext, neighbour: FakeNeighbour): Scene {
  const [clock, log] = [fakeClock(), new LogLines()];
  const service = createConfigService({ url: neighbour.url, environment: "test", clock });
  let isUnderWay = false;
  const source = {
    offer: async () => {
      isUnderWay = true;
      try {
        return await service.offer();
      } finally {
        isUnderWay = false;
      }
    },
  };
  t.teardown(async () => {
    await service.close();
    await neighbour.stop();
  });
  const environment = { LOG_LEVEL: "warn" };
  return {
    log,
    open: () => LiveSettings.open({ environment, machineName: "box", source, clock, log }),
    passing: (what, isSo) =>
      until(what, async () => {
        if (!isUnderWay) await clock.advance(1_000);
        return isSo();
      }),
  };
}

test("a config service that is gone at the start is heard when it comes", async (t) => {
  const neighbour = await FakeNeighbour.start(offering({ LOG_LEVEL: "debug" }));
  await neighbour.goAway();
  const { log, open, passing } = sceneBeside(t, neighbour);

  const live = await open();
  t.is(live.current().logLevel, "warn");
  await neighbour.comeBack();
  await passing("the service is heard", () => live.current().logLevel === "debug");

  t.deepEqual(log.taken(), [
    "warn: config service does not answer, settings stay as they are",
    "info: config service answers again",
    "info: settings changed, as the config service says",
  ]);
});

test("while a config service is gone or talks nonsense its last word holds", async (t) => {
  const neighbour = await FakeNeighbour.start(offering({ LOG_LEVEL: "debug" }));
  const { log, open, passing } = sceneBeside(t, neighbour);
  const live = await open();
  t.is(live.current().logLevel, "debug");

  for (const trouble of [saying("<html>"), answering({}, 500), answering({ status: "up" })]) {
    const before = neighbour.asked.length;
    neighbour.behave(trouble);
    await passing("it was asked", () => neighbour.asked.length > before);
  }
  await neighbour.goAway();
  neighbour.behave(offering({ LOG_LEVEL: "loud", DEFAULT_DAILY_LIMIT: 700 }));
  t.is(live.current().logLevel, "debug");
  await neighbour.comeBack();
  await passing("the service is heard", () => live.current().defaults.daily === 700n);

  t.is(live.current().logLevel, "debug");
  t.deepEqual(log.taken(), [
    "warn: config service does not answer, settings stay as they are",
    "info: config service answers again",
    "warn: value of the config service refused, the old one stays",
    "info: settings changed, as the config service says",
  ]);
});
