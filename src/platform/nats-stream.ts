import { JetStreamApiError, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";

import { eventStream } from "../wire/subject.ts";

/** The stream, where nobody has made it in another shape: the oldest events go when it is full. */
const streamShape = {
  name: eventStream.name,
  subjects: [...eventStream.subjects],
  storage: StorageType.File,
  max_age: nanos(7 * 86_400_000),
  max_bytes: 1_073_741_824,
  duplicate_window: nanos(600_000),
};

/** Makes the stream of events if it is not there. Another node may make it at the same moment: the same shape twice is one stream. */
export async function prepareStream(connection: NatsConnection, timeoutMs: number): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
  try {
    await manager.streams.info(eventStream.name);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.status !== notFound) throw error;
    await manager.streams.add(streamShape);
  }
}

const notFound = 404;
