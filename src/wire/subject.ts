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

/** Where nodes tell each other of shards that have changed hands. */
export const shardsMovedSubject = "quota.moved";

/** Where an accepted change is told. */
export function usageSubject(action: string, merchantId: string, currency: string): string {
  return `quota.events.usage.${action}.${merchantId}.${currency}`;
}

/** Where an alert is told: by its level first, so that a consumer can ask for critical ones alone. */
export function alertSubject(level: string, merchantId: string, currency: string): string {
  return `quota.events.alert.${level}.${merchantId}.${currency}`;
}

/** All that the owner of a shard is asked: parcels of edges, and plain asks that the server has mapped. */
export function servedBy(subject: string): string {
  return `${subject}.>`;
}

/** Where an edge sends what it asks the owner of a shard. */
export function parcelSubject(subject: string): string {
  return `${subject}.parcel`;
}

/** Under it each edge hears what owners answer: apart from the inboxes of other clients, which many may hear. */
export const edgeInboxes = "quota.edge";

/** How the subject of a plain ask is made, in words. */
export const plainAskForm = "quota.ask.<op>.<merchant_id>.<currency>";

/** Where anybody may ask, `quota.ask.<op>.<merchant>.<currency>`, if the server does not map it to the owners. */
export const plainAsks = { subject: "quota.ask.>", queue: "quota-edge" } as const;

/**
 * What a plain ask's subject says, whether the server has mapped it to the owner's or not.
 * @returns undefined when it has more or fewer parts
 */
export function plainAskOf(
  subject: string,
): { readonly op: string; readonly merchantId: string; readonly currency: string } | undefined {
  const asked = /^quota\.(?:ask|shard\.\d+)\.([^.]+)\.([^.]+)\.([^.]+)$/.exec(subject);
  const [, op, merchantId, currency] = asked ?? [];
  if (op === undefined || merchantId === undefined || currency === undefined) return undefined;
  return { op, merchantId, currency };
}
