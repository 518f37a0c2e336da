import type { Nats } from "../../src/platform/nats.ts";
import { shardsMovedFrom, shardsMovedTexts } from "../../src/wire/shards-moved.ts";
import { shardsMovedSubject as subject } from "../../src/wire/subject.ts";
import type { Announcer, Log } from "../ports.ts";

/** Tells the nodes of one process of moved shards. */
export function localAnnouncer(): Announcer {
  const listeners = new Set<Parameters<Announcer["onMoved"]>[0]>();
  return {
    moved(shards, toNode) {
      for (const listen of listeners) listen(shards, toNode);
    },
    onMoved(listen) {
      listeners.add(listen);
      return () => {
        listeners.delete(listen);
      };
    },
  };
}

/** Tells all nodes of the cluster, as far as NATS reaches; each hears its own as well. */
export function natsAnnouncer(nats: Pick<Nats, "send" | "listen">, log: Log): Announcer {
  return {
    moved(shards, toNode) {
      for (const text of shardsMovedTexts({ shards, to: toNode })) nats.send({ subject, text });
    },
    onMoved: (listen) =>
      nats.listen(subject, (text) => {
        const moved = shardsMovedFrom(text);
        if (moved) listen(moved.shards, moved.to);
        else log.warn({ subject }, "an announcement that cannot be read");
      }),
  };
}
