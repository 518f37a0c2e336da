import { type Static, type TSchema, Type } from "typebox";

import { amountMax } from "./domain/money.ts";
import { neighbours } from "./settings-neighbour.ts";

/*
 * Every setting of the environment, once: the schema that checks it, `.env.example` and the README's table are all
 * made from this file and `settings-neighbour.ts`. `title` says what a value has to be, `writeOnly` marks a secret, whose value is never shown.
 */

const amount = (description: string, byDefault: string) =>
  Type.String({
    title: `whole number, 0 to ${amountMax.toString()}, or empty`,
    pattern: "^[0-9]{0,16}$",
    default: byDefault,
    description,
  });

const bounded = (description: string, byDefault: number, minimum: number, maximum: number) =>
  Type.Integer({ default: byDefault, minimum, maximum, description });

const server = {
  NODE_ENV: Type.Enum(["development", "test", "production"], {
    default: "development",
    description: "`production` refuses development secrets and embedded parts.",
  }),
  PORT: bounded("HTTP port; 0 takes any free one.", 40022, 0, 65535),
  HOST: Type.Optional(
    Type.String({
      title: "address to listen on; 0.0.0.0 in production, else 127.0.0.1",
      pattern: "^[A-Za-z0-9.:_-]{1,255}$",
      description:
        "Address to listen on. By default nothing outside this machine reaches a development start.",
    }),
  ),
  JWT_SECRET: Type.Optional(
    Type.String({
      title: "text; at least 32 characters in production",
      writeOnly: true,
      description:
        "Secret of the HS256 tokens. Required in production; elsewhere a fixed, public development secret stands in.",
    }),
  ),
  LOG_LEVEL: Type.Enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
    default: "info",
    description: "Least severe log line that is written.",
  }),
};

const database = {
  DB_HOST: Type.Optional(
    Type.String({
      title: "host name or address; the embedded Postgres if not set",
      pattern: "^[A-Za-z0-9./:_-]{1,255}$",
      description: "Postgres server. Not set: an embedded Postgres keeps everything in DATA_DIR.",
    }),
  ),
  DB_PORT: bounded("Port of the Postgres server.", 40432, 1, 65535),
  DB_USER: Type.String({
    title: "1 to 63 characters",
    minLength: 1,
    maxLength: 63,
    default: "postgres",
    description: "Postgres user.",
  }),
  DB_PASSWORD: Type.Optional(
    Type.String({
      title: "text",
      writeOnly: true,
      description: "Password of DB_USER. Required in production with DB_HOST.",
    }),
  ),
  DB_NAME: Type.String({
    title: "1 to 63 characters",
    minLength: 1,
    maxLength: 63,
    default: "payment_merchant_quota",
    description: "Postgres database.",
  }),
  DB_SSL: Type.Boolean({
    default: false,
    description:
      "TLS to Postgres, with its certificate verified; name a private authority in NODE_EXTRA_CA_CERTS.",
  }),
  DB_REPLICA_HOST: Type.Optional(
    Type.String({
      title: "host name or address; no replica if not set",
      pattern: "^[A-Za-z0-9./:_-]{1,255}$",
      description:
        "Streaming replica of DB_HOST with the same port, user and database: lists and statistics are read there.",
    }),
  ),
  LOG_RETENTION_MONTHS: bounded(
    "Whole months of the usage log that are kept; 0 keeps it for ever.",
    0,
    0,
    1200,
  ),
  DATA_DIR: Type.String({
    title: "path of a folder",
    minLength: 1,
    default: "./data",
    description: "Folder of the embedded Postgres; one process at a time.",
  }),
  ALLOW_EMBEDDED: Type.Boolean({
    default: false,
    description:
      "Lets production run on the embedded Postgres, which is not certified for power loss.",
  }),
};

const ownership = {
  NODE_NAME: Type.Optional(
    Type.String({
      title: "1 to 64 letters, digits, `.`, `_` or `-`; the host name if not set",
      pattern: "^[A-Za-z0-9._-]{1,64}$",
      description: "Name of this process in the tables and the logs.",
    }),
  ),
  NODE_ADDRESS: Type.Optional(
    Type.String({
      title: "host name or address; HOST or NODE_NAME if not set",
      pattern: "^[A-Za-z0-9.:_-]{1,255}$",
      description:
        "Where others reach this process: it stands in the tables, and `quotactl health` asks there.",
    }),
  ),
  ROLES: Type.String({
    title: "edge, shard, or both as `edge,shard`",
    default: "edge,shard",
    description:
      "What this process is: `edge` answers callers, `shard` owns shards. One of them alone needs DB_HOST and NATS_URL.",
  }),
  SHARD_COUNT: bounded("Shards of the cluster; fixed for its life.", 256, 1, 4096),
  LEASE_MS: bounded("How long a silent node keeps its shards.", 2000, 500, 60_000),
  REQUEST_TIMEOUT_MS: bounded("Deadline of a command, from its arrival.", 2000, 50, 60_000),
  WAITING_COMMANDS_MAX: bounded(
    "Commands in a node without an answer; then OVERLOADED. It bounds memory: a line that stands is refused before.",
    10_000,
    1,
    1_000_000,
  ),
  RATE_LIMIT_PER_SECOND: bounded(
    "HTTP requests a second of one caller (`user_id`) at one edge, then RATE_LIMITED; 0 is no limit.",
    0,
    0,
    1_000_000,
  ),
  ACTORS_MAX: bounded("Keys in memory; then the longest unused leave.", 50_000, 1, 10_000_000),
  METRICS_TOP_KEYS: bounded("Keys shown by `quota_usage_rate`, highest first.", 500, 0, 10_000),
};

const rules = {
  QUOTA_TIMEZONE: Type.String({
    title: "IANA time zone",
    minLength: 1,
    default: "UTC",
    description: "Where days, months and years of a merchant without a zone of its own begin.",
  }),
  EXTRA_CURRENCIES: Type.String({
    title: "list of `CODE` or `CODE:digits` (2 digits if not said, 12 at most)",
    default: "",
    description: "Currencies outside ISO 4217 that are accepted, such as `USDT:6,BTC:8`.",
  }),
  DEFAULT_SINGLE_MIN: amount("Least amount of one order, in minor units; empty or 0 is none.", ""),
  DEFAULT_SINGLE_MAX: amount("Most of one order, in minor units; empty is no limit.", "1000000"),
  DEFAULT_DAILY_LIMIT: amount("Most of one day, in minor units; empty is no limit.", "5000000"),
  DEFAULT_MONTHLY_LIMIT: amount(
    "Most of one month, in minor units; empty is no limit.",
    "100000000",
  ),
  DEFAULT_YEARLY_LIMIT: amount(
    "Most of one year, in minor units; empty is no limit.",
    "1000000000",
  ),
  DEFAULT_MAX_PENDING_AMOUNT: amount(
    "Most that is taken and not settled; empty or 0 is no limit.",
    "",
  ),
  DEFAULT_MAX_REFUND_DAILY: amount("Most refunded in one day; empty or 0 is no limit.", ""),
  DEFAULT_MAX_REFUND_MONTHLY: amount("Most refunded in one month; empty or 0 is no limit.", ""),
  DEFAULT_MAX_TRANSACTIONS_DAILY: amount("Most orders in one day; empty is no limit.", ""),
  DEFAULT_MAX_TRANSACTIONS_MONTHLY: amount("Most orders in one month; empty is no limit.", ""),
  ALERT_THRESHOLDS: Type.String({
    title: "ascending list of `percent:warning` or `percent:critical`, 1 to 100",
    default: "80:warning,100:critical",
    description: "Parts of a limit at which an alert is raised.",
  }),
};

/** The settings under the headings of the documents. */
export const settingGroups: Readonly<Record<string, Readonly<Record<string, TSchema>>>> = {
  Server: server,
  Postgres: database,
  "Ownership and load": ownership,
  "Limits and rules": rules,
  "Neighbours, all of them optional": neighbours,
};

/** The one declaration of the environment. */
export const settingsSchema = Type.Object({
  ...server,
  ...database,
  ...ownership,
  ...rules,
  ...neighbours,
});

/** The environment, checked and with its defaults, before it is grouped into a Config. */
export type Settings = Static<typeof settingsSchema>;
export type SettingName = keyof Settings;

interface Annotations {
  readonly title?: string;
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly writeOnly?: boolean;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What the documents and the messages say about a setting. */
export interface SettingNotes {
  readonly description: string;
  /** What a value has to be, in words. */
  readonly must: string;
  /** As it would be written in the environment; null if there is none. */
  readonly byDefault: string | null;
  readonly secret: boolean;
}

export function notesOf(schema: Annotations): SettingNotes {
  return {
    description: schema.description ?? "",
    must: schema.title ?? mustOf(schema),
    byDefault: schema.default === undefined ? null : String(schema.default),
    secret: schema.writeOnly === true,
  };
}

function mustOf({ type, enum: choices, minimum, maximum }: Annotations): string {
  if (choices) return `one of ${choices.join(", ")}`;
  if (type === "boolean") return "true or false";
  return `whole number, ${String(minimum)} to ${String(maximum)}`;
}
