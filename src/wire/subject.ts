/** Where the owner of a shard is asked. */
export function shardSubject(shard: number): string {
  return `quota.shard.${shard}`;
}

/** Where a plain NATS client asks for an operation on a key: the last two name the owner to the server's own mapping. */
export function askSubject(operation: string, merchantId: string, currency: string): string {
  return `quota.ask.${operation}.${merchantId}.${currency}`;
}

/** The stream that keeps the events, and what it keeps. */
export const eventStream = { name: "QUOTA_EVENTS", subjects: ["quota.events.>"] } as const;

/** Where the platform announces changed limits. */
export const limitsChangedSubject = "policy.limits.changed";

/** Where an accepted change is told. */
export function usageSubject(action: string, merchantId: string, currency: string): string {
  return `quota.events.usage.${action}.${merchantId}.${currency}`;
}

/** Where an alert is told: by its level first, so that a consumer can ask for critical ones alone. */
export function alertSubject(level: string, merchantId: string, currency: string): string {
  return `quota.events.alert.${level}.${merchantId}.${currency}`;
}
