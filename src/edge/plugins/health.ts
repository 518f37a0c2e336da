import type { FastifyInstance } from "fastify";
import { Type } from "typebox";

/** How the parts of this process are. */
export interface Health {
  /** It can commit: what it accepts now is durable. */
  readonly ready: boolean;
  readonly parts: readonly {
    readonly name: string;
    /** degraded = it is away, and the service does without it */
    readonly state: "up" | "degraded" | "down";
    readonly latency_ms?: number;
    readonly detail?: string;
  }[];
}

const liveReply = Type.Object({ status: Type.String() });
const healthReply = Type.Object({
  status: Type.String(),
  version: Type.String(),
  parts: Type.Array(
    Type.Object({
      name: Type.String(),
      state: Type.String(),
      latency_ms: Type.Optional(Type.Number()),
      detail: Type.Optional(Type.String()),
    }),
  ),
});
const live = { status: "up" };

/** Says how the service is: in full, whether the process runs, and whether it can commit. */
export function healthRoutes(
  app: FastifyInstance,
  options: { readonly health: () => Promise<Health>; readonly version: string },
): void {
  const { health, version } = options;
  const described = (summary: string, response: object) => ({
    schema: { tags: ["Service"], summary, security: [], response },
  });
  const both = { 200: healthReply, 503: healthReply };

  app.get("/health/live", described("Does the process run?", { 200: liveReply }), () => live);

  app.get("/health/ready", described("Can it commit?", both), async (_request, reply) => {
    const { ready, parts } = await health();
    return reply.code(ready ? 200 : 503).send({ status: ready ? "up" : "down", version, parts });
  });

  app.get("/health", described("How is each part?", both), async (_request, reply) => {
    const { ready, parts } = await health();
    const states = parts.map(({ state }) => state);
    const isDown = !ready || states.includes("down");
    const status = isDown ? "down" : states.includes("degraded") ? "degraded" : "up";
    return reply.code(isDown ? 503 : 200).send({ status, version, parts });
  });
}
