import type { Announcer } from "../ports.ts";

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
