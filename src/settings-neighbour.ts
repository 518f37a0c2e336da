import { Type } from "typebox";

const url = (description: string) =>
  Type.Optional(
    Type.String({
      title: "http or https address; off if not set",
      pattern: "^https?://[!-~]{1,2000}$",
      description,
    }),
  );

/** The settings of the services around this one. Without them it runs alone. */
export const neighbours = {
  POLICY_SERVICE_URL: url(
    "merchant-policy-service, which says each merchant's limits. Not set: the DEFAULT_ limits hold for everybody.",
  ),
  POLICY_FAILURE_MODE: Type.Enum(["last_known", "default", "closed"], {
    default: "last_known",
    description:
      "What holds while the policy service is away: the limits last known, the DEFAULT_ limits, or nothing is taken.",
  }),
  POLICY_TIMEOUT_MS: Type.Integer({
    default: 500,
    minimum: 10,
    maximum: 10_000,
    description: "How long one question to the policy service may take.",
  }),
  POLICY_KEEP_MS: Type.Integer({
    default: 60_000,
    minimum: 100,
    maximum: 86_400_000,
    description:
      "How long fetched limits are fresh; older ones hold on while they are fetched again.",
  }),
  ENABLE_CONFIG_CLIENT: Type.Boolean({
    default: false,
    description: "Asks the config service, whose values go before those of the environment.",
  }),
  CONFIG_SERVICE_URL: url("config-service, asked every 30 s with ENABLE_CONFIG_CLIENT."),
  ENV: Type.Optional(
    Type.String({
      title: "1 to 64 letters, digits, `_` or `-`; NODE_ENV if not set",
      pattern: "^[A-Za-z0-9_-]{1,64}$",
      description: "Which environment's values the config service is asked for.",
    }),
  ),
  REDIS_HOST: Type.Optional(
    Type.String({
      title: "host name or address; no Redis if not set",
      pattern: "^[A-Za-z0-9.:_-]{1,255}$",
      description:
        "Redis for shared limits, a read model and job locks; nothing is lost without it.",
    }),
  ),
  REDIS_PORT: Type.Integer({
    default: 40379,
    minimum: 1,
    maximum: 65535,
    description: "Port of the Redis server.",
  }),
  REDIS_PASSWORD: Type.Optional(
    Type.String({ title: "text", writeOnly: true, description: "Password of the Redis server." }),
  ),
  NATS_URL: Type.Optional(
    Type.String({
      title: "list of nats:// or tls:// addresses; no NATS if not set",
      pattern: "^(nats|tls)://[ -~]{1,2000}$",
      writeOnly: true,
      description: "NATS servers, for events. May carry user and password.",
    }),
  ),
  EVENTS_USAGE: Type.Boolean({
    default: false,
    description: "Publishes every accepted change as an event, not only alerts.",
  }),
  NOTIFICATION_SERVICE_URL: url("notification-service, which tells people of alerts."),
  ALERT_WEBHOOK_URLS: Type.String({
    title: "list of at most 20 http or https addresses",
    default: "",
    description: "Addresses to which alerts are posted as Standard Webhooks.",
  }),
  ALERT_WEBHOOK_SECRET: Type.Optional(
    Type.String({
      title: "whsec_ and base64 of 24 to 64 bytes",
      pattern: "^whsec_[A-Za-z0-9+/]{32,88}={0,2}$",
      writeOnly: true,
      description: "Signs the webhooks. Required with ALERT_WEBHOOK_URLS.",
    }),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: url("OpenTelemetry collector (OTLP over HTTP) for traces."),
};
