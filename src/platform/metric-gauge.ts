import type { MetricSources, Source } from "./metric-source.ts";

/** A value that somebody else keeps, as Prometheus is told it. */
export interface ReadGauge {
  readonly name: string;
  readonly help: string;
  readonly read: Source;
}

/** @param sources asked anew at each reading: they come one after the other */
export function readGauges(sources: () => MetricSources): readonly ReadGauge[] {
  return [
    {
      name: "quota_alerts_active",
      help: "Alerts that nobody has resolved.",
      read: () => sources().alertsActive?.(),
    },
    {
      name: "quota_checkpoint_lag_facts",
      help: "Facts in the journal that the tables do not have yet.",
      read: () => sources().checkpointLag?.().facts,
    },
    {
      name: "quota_checkpoint_lag_seconds",
      help: "Age of the oldest fact that the tables do not have yet.",
      read: () => sources().checkpointLag?.().seconds,
    },
    {
      name: "quota_actors_resident",
      help: "Keys in memory.",
      read: () => sources().actorsResident?.(),
    },
    {
      name: "quota_shards_owned",
      help: "Shards of this node.",
      read: () => sources().shardsOwned?.(),
    },
    {
      name: "quota_nats_connected",
      help: "1 = there is a connection to NATS, 0 = there is none.",
      read: () => {
        const nats = sources().nats?.();
        return nats && Number(nats.connected);
      },
    },
    {
      name: "quota_nats_connections_lost",
      help: "Connections to NATS that were lost since the start; of a slow consumer too, for the server cuts it off.",
      read: () => sources().nats?.().lost,
    },
    {
      name: "quota_bus_requests_waiting",
      help: "Requests that this process has sent to owners in others and that are not answered.",
      read: () => sources().nats?.().waiting,
    },
    {
      name: "quota_ready",
      help: "1 = it can commit, 0 = it cannot.",
      read: () => {
        const { ready } = sources();
        return ready ? Number(ready()) : undefined;
      },
    },
  ];
}
