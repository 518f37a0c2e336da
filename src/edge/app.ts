import { createServer, type IncomingMessage } from "node:http";

import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from "fastify";

import type { Currencies } from "../domain/currency.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { Tracer } from "../platform/tracer.ts";
import type { SnapshotShare } from "../platform/redis-snapshot.ts";
import type { Ask } from "../wire/message.ts";
import { createAnswer } from "./answer.ts";
import { createTokens } from "./caller.ts";
import { Gate } from "./gate.ts";
import { createAuth } from "./plugins/auth.ts";
import { consolePages } from "./plugins/console.ts";
import { answerBadPath, useErrors } from "./plugins/errors.ts";
import { type Health, healthRoutes } from "./plugins/health.ts";
import { useJson } from "./plugins/json.ts";
import { metricsRoute, useMetrics } from "./plugins/metrics.ts";
import { openapiPages, useOpenapi } from "./plugins/openapi.ts";
import { useSlowLog } from "./plugins/slow.ts";
import { useTrace } from "./plugins/trace.ts";
import { answerUnread } from "./plugins/unread.ts";
import { printerFactory } from "./printer.ts";
import type { Pulse } from "./pulse.ts";
import { Rate } from "./rate.ts";
import { resetRoute } from "./routes/admin.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { batchRoute } from "./routes/batch.ts";
import { type ClusterOperators, clusterRoutes } from "./routes/cluster.ts";
import { commandRoutes } from "./routes/commands.ts";
import { limitsRoute } from "./routes/limits.ts";
import { liveRoute } from "./routes/live.ts";
import { quotaRoutes } from "./routes/quotas.ts";
import { sessionRoute } from "./routes/session.ts";
import { usageLogRoutes } from "./routes/usage-logs.ts";

/** What the edge is made of; it keeps no quota state of its own. */
export interface AppOptions {
  /** null = this process answers nothing but how it is. */
  readonly ask: Ask | null;
  readonly database: Pick<Database, "reads" | "listings" | "transaction">;
  readonly jwtSecret: string;
  /** The time that a request has. */
  readonly requestTimeoutMs: number;
  /** Of one caller; null = as many as it likes. */
  readonly rateLimitPerSecond: number | null;
  readonly currencies: Currencies;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly metrics: Metrics;
  readonly pulse: Pulse;
  readonly operators: ClusterOperators;
  readonly health: () => Promise<Health>;
  readonly version: string;
  readonly newId: () => string;
  /** null or absent = there is no Redis. */
  readonly snapshots?: SnapshotShare | null;
  /** null or absent = tracing is off. */
  readonly tracer?: Tracer | null;
}

const bodyBytesMax = 64 * 1024; // then PAYLOAD_TOO_LARGE
const headBytesMax = 16 * 1024; // then 431
const paramCharactersMax = 256; // then no route matches
/** A request's head and body must be here by then, however slowly they are sent. */
const arrivalMs = 15_000;
/** How often connections that exceed it are looked for. */
const slowConnectionCheckMs = 5_000;
const idleConnectionMs = 120_000;
const keepAliveMs = 72_000;
/** Of reading what is served and described; a machine that is busy with other things starts slowly, but it starts. */
const pluginTimeoutMs = 60_000;
const requestIdForm = /^[!-~]{1,64}$/;

/** The HTTP edge; `listen` and `close` are its caller's. */
export function createApp(options: AppOptions): FastifyInstance {
  const { log, metrics, clock, currencies, newId } = options;
  // A number behind the start's own id: a fresh random one for each request costs more than routing it.
  const startId = newId();
  let requests = 0;
  const requestIdOf = ({ headers }: Pick<IncomingMessage, "headers">): string => {
    const given = headers["x-request-id"];
    return typeof given === "string" && requestIdForm.test(given)
      ? given
      : `${startId}-${++requests}`;
  };
  const gate = new Gate({
    clock,
    requestTimeoutMs: options.requestTimeoutMs,
    requestIdOf,
    onRefused: (method) => {
      metrics.httpRequest(method, "refused", 503, 0);
    },
  });
  const app = fastify({
    loggerInstance: log,
    // Nothing is logged of a request that went well, and what is logged names the request itself.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    serverFactory: (serve) => {
      const server = createServer(
        {
          maxHeaderSize: headBytesMax,
          headersTimeout: arrivalMs,
          requestTimeout: arrivalMs,
          connectionsCheckingInterval: slowConnectionCheckMs,
          keepAliveTimeout: keepAliveMs,
        },
        (request, response) => {
          if (!gate.refuses(request, response)) serve(request, response);
        },
      );
      return server.setTimeout(idleConnectionMs);
    },
    pluginTimeout: pluginTimeoutMs,
    schemaController: { compilersFactory: { buildSerializer: printerFactory } },
    routerOptions: { maxParamLength: paramCharactersMax },
    frameworkErrors: answerBadPath,
    clientErrorHandler: (error, socket) => {
      answerUnread(error, socket, newId());
    },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    genReqId: requestIdOf,
  });
  app.addHook("preClose", (done) => {
    gate.close();
    done();
  });
  const { rateLimitPerSecond: perSecond } = options;
  const auth = createAuth(
    createTokens({ jwtSecret: options.jwtSecret, clock }),
    perSecond === null
      ? null
      : { callers: new Rate(perSecond, clock), failures: new Rate(perSecond, clock) },
  );
  app.addHook("onRequest", (request, reply, done) => {
    // With fastify's own, and not on `raw`: Node writes headers that come at once without keeping them first.
    void reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
    done();
  });
  const marks = useTrace(app, options.tracer ?? null);
  useMetrics(app, metrics);
  useSlowLog(app, { log, clock, marks });
  useJson(app);
  useErrors(app, { currencies, log, marks });
  const { ask, database } = options;
  if (ask === null) {
    healthRoutes(app, options);
    metricsRoute(app, metrics);
    return app;
  }
  const answer = createAnswer({ ask, log });
  const { reads, listings } = database;
  const snapshots = options.snapshots ?? null;
  const wiring = { ask, answer, auth, marks, currencies, clock, reads, listings, snapshots };
  void app.register(async (root) => {
    await useOpenapi(root, options.version);
    healthRoutes(root, options);
    metricsRoute(root, metrics);
    // First, because the examples of cancel and settle are of its orders.
    batchRoute(root, wiring);
    commandRoutes(root, wiring);
    resetRoute(root, wiring);
    limitsRoute(root, wiring);
    quotaRoutes(root, wiring);
    usageLogRoutes(root, wiring);
    alertRoutes(root, { ...wiring, database });
    sessionRoute(root, { ...wiring, version: options.version });
    clusterRoutes(root, { ...wiring, operators: options.operators });
    liveRoute(root, { ...wiring, pulse: options.pulse });
    await root.register(openapiPages);
    await root.register(consolePages);
  });
  return app;
}
