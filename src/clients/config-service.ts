import type { Offer } from "../setting-offer.ts";
import { Fault } from "../wire/fault.ts";
import { offeredFrom } from "../wire/offered-setting.ts";
import { createHttpSource, type Heard } from "./http-source.ts";
import type { Timer } from "./ports.ts";

const serviceName = "merchant-quota-service";
const timeoutMs = 2_000;
const bytesMax = 256 * 1024; // then the answer is refused

/** config-service, whose settings go before those of the environment. */
export interface ConfigService {
  /** One try, within 2 s; never throws. */
  offer(): Promise<Offer>;
  /** What is on its way is away. */
  close(): Promise<void>;
}

/** @param environment whose values are asked for, such as `production` */
export function createConfigService(options: {
  readonly url: string;
  readonly environment: string;
  readonly clock: Timer;
}): ConfigService {
  const { url, environment, clock } = options;
  const source = createHttpSource({ timer: clock, connectionsMax: 1, bytesMax });
  const query = new URLSearchParams({ service_name: serviceName, environment });
  const address = `${url.replace(/\/+$/, "")}/api/v1/configs?${query.toString()}`;
  return {
    offer: async () => offerIn(await source.get(address, timeoutMs)),
    close: () => source.close(),
  };
}

function offerIn(heard: Heard): Offer {
  switch (heard.kind) {
    case "json":
      return offerFrom(heard.body);
    case "garbage":
      return away(`answered what cannot be used: ${heard.why}`);
    case "status":
      return away(`answered with the status ${heard.status}`);
    case "timeout":
      return away(`did not answer within ${heard.timeoutMs} ms`);
    case "error":
      return away(`did not answer: ${heard.why}`);
  }
}

function offerFrom(body: unknown): Offer {
  try {
    return { kind: "offered", texts: offeredFrom(body) };
  } catch (error) {
    if (error instanceof Fault) return { kind: "away", why: error.message };
    throw error;
  }
}

function away(why: string): Offer {
  return { kind: "away", why: `the config service ${why}` };
}
