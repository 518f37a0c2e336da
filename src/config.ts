import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { parseEnv } from "node:util";
import { type Problem, checked, cureOf } from "./setting-check.ts";
import type { Threshold } from "./domain/limits.ts";
import type { Zone } from "./domain/period.ts";
import {
  type Parsed,
  amountOf,
  amountOrNoneOf,
  currenciesOf,
  thresholdsOf,
  zoneSettingOf,
} from "./setting-value.ts";
import { type Neighbours, neighboursOf } from "./config-neighbour.ts";
import { type Roles, rolesOf } from "./config-role.ts";
import type { SettingName, Settings } from "./settings.ts";

/** Stands in for JWT_SECRET outside production, so that a token printed at one start works after the next. */
export const developmentSecret = "development-only-secret-that-production-refuses";

const publishedSecret = "payment-platform-secret-key-2024";
const secretCharactersMin = 32;
const secretCure = "Set it to a random text, such as `openssl rand -base64 48` prints.";

export type DatabaseConfig =
  | {
      readonly kind: "postgres";
      readonly host: string;
      readonly port: number;
      readonly user: string;
      /** Empty if none is set, which only development allows. */
      readonly password: string;
      readonly name: string;
      /** TLS, with the server's certificate verified. */
      readonly ssl: boolean;
      readonly replicaHost: string | null;
    }
  | { readonly kind: "embedded"; readonly folder: string };

/** Limits of a key whose policy nobody knows: minor units or counts; null is no limit. */
export interface DefaultLimits {
  readonly singleMin: bigint | null;
  readonly singleMax: bigint | null;
  readonly daily: bigint | null;
  readonly monthly: bigint | null;
  readonly yearly: bigint | null;
  readonly maxPending: bigint | null;
  readonly maxRefundDaily: bigint | null;
  readonly maxRefundMonthly: bigint | null;
  readonly maxTransactionsDaily: bigint | null;
  readonly maxTransactionsMonthly: bigint | null;
}

export interface Config {
  /** Everything around this service; null = it is not there. */
  readonly neighbours: Neighbours;
  readonly logRetentionMonths: number | null;
  readonly nodeEnv: Settings["NODE_ENV"];
  readonly http: { readonly host: string; readonly port: number };
  readonly database: DatabaseConfig;
  readonly jwtSecret: string;
  /** The secret is one that everybody can read: say so at start. */
  readonly jwtSecretIsDevelopment: boolean;
  readonly nodeName: string;
  /** Where others reach this process. */
  readonly nodeHost: string;
  readonly roles: Roles;
  readonly shardCount: number;
  readonly leaseMs: number;
  /** Of merchants without one of their own. */
  readonly zone: Zone;
  /** Code to number of minor digits. */
  readonly extraCurrencies: ReadonlyMap<string, number>;
  readonly defaults: DefaultLimits;
  /** Lowest first. */
  readonly alertThresholds: readonly Threshold[];
  readonly requestTimeoutMs: number;
  readonly waitingCommandsMax: number;
  /** Of one caller; null = as many as it likes. */
  readonly rateLimitPerSecond: number | null;
  readonly actorsMax: number;
  readonly metricsTopKeys: number;
  readonly logLevel: Settings["LOG_LEVEL"];
}

/** The environment is wrong. The message lists every problem at once and no secret's value. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ wrong, cure }) => `  - ${wrong} ${cure}`);
    super(`the environment cannot be used:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** The Config of this process: its environment, checked. */
export function configFromProcess(): Config {
  return loadConfig(processEnvironment(), hostname());
}

/** The environment of this process, over a file `.env` of the working folder if there is one. */
export function processEnvironment(): NodeJS.ProcessEnv {
  const file = existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {};
  return { ...file, ...process.env };
}

/**
 * Checks the environment and groups it.
 * @param machineName stands in for NODE_NAME; a character that a name may not have becomes `-`
 * @throws ConfigError with every problem
 */
export function loadConfig(env: NodeJS.ProcessEnv, machineName = "local"): Config {
  const given = withoutEmpty(env);
  const { settings, problems } = checked(given);

  const parsed = <T>(name: SettingName, result: Parsed<T>, onProblem: T): T => {
    if (result.kind === "value") return result.value;
    problems.push({ setting: name, wrong: `${name} ${result.wrong}.`, cure: cureOf(name) });
    return onProblem;
  };
  const amount = (name: AmountName) => parsed(name, amountOf(settings[name]), null);
  const amountOrNone = (name: AmountName) => parsed(name, amountOrNoneOf(settings[name]), null);

  const zone = parsed("QUOTA_TIMEZONE", zoneSettingOf(settings.QUOTA_TIMEZONE), undefined);
  const extraCurrencies = parsed(
    "EXTRA_CURRENCIES",
    currenciesOf(settings.EXTRA_CURRENCIES),
    new Map(),
  );
  const alertThresholds = parsed("ALERT_THRESHOLDS", thresholdsOf(settings.ALERT_THRESHOLDS), []);
  const defaults: DefaultLimits = Object.freeze({
    singleMin: amountOrNone("DEFAULT_SINGLE_MIN"),
    singleMax: amount("DEFAULT_SINGLE_MAX"),
    daily: amount("DEFAULT_DAILY_LIMIT"),
    monthly: amount("DEFAULT_MONTHLY_LIMIT"),
    yearly: amount("DEFAULT_YEARLY_LIMIT"),
    maxPending: amountOrNone("DEFAULT_MAX_PENDING_AMOUNT"),
    maxRefundDaily: amountOrNone("DEFAULT_MAX_REFUND_DAILY"),
    maxRefundMonthly: amountOrNone("DEFAULT_MAX_REFUND_MONTHLY"),
    maxTransactionsDaily: amount("DEFAULT_MAX_TRANSACTIONS_DAILY"),
    maxTransactionsMonthly: amount("DEFAULT_MAX_TRANSACTIONS_MONTHLY"),
  });

  const neighbours = neighboursOf(settings, problems);
  const roles = rolesOf(settings, problems);
  problems.push(
    ...contradictions(defaults),
    ...(settings.NODE_ENV === "production" ? unsafe(settings) : []),
  );
  if (problems.length > 0 || zone === undefined) throw new ConfigError(problems);
  const host = settings.HOST ?? (settings.NODE_ENV === "production" ? "0.0.0.0" : "127.0.0.1");
  const nodeName =
    settings.NODE_NAME ?? (machineName.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, 64) || "local");
  return Object.freeze({
    nodeEnv: settings.NODE_ENV,
    http: Object.freeze({ host, port: settings.PORT }),
    database: Object.freeze(databaseOf(settings)),
    jwtSecret: settings.JWT_SECRET ?? developmentSecret,
    jwtSecretIsDevelopment: isPublic(settings.JWT_SECRET ?? developmentSecret),
    nodeName,
    nodeHost: settings.NODE_ADDRESS ?? (host === "0.0.0.0" || host === "::" ? nodeName : host),
    roles: Object.freeze(roles),
    shardCount: settings.SHARD_COUNT,
    leaseMs: settings.LEASE_MS,
    zone,
    extraCurrencies,
    defaults,
    alertThresholds,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    waitingCommandsMax: settings.WAITING_COMMANDS_MAX,
    rateLimitPerSecond: settings.RATE_LIMIT_PER_SECOND || null,
    actorsMax: settings.ACTORS_MAX,
    metricsTopKeys: settings.METRICS_TOP_KEYS,
    logLevel: settings.LOG_LEVEL,
    neighbours: Object.freeze(neighbours),
    logRetentionMonths: settings.LOG_RETENTION_MONTHS || null,
  });
}

type AmountName = Extract<SettingName, `DEFAULT_${string}`>;

/** A setting given as nothing is not set, except for an amount, where nothing means no limit. */
function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name, text]) => text !== "" || name.startsWith("DEFAULT_")),
  );
}

function databaseOf(settings: Settings): DatabaseConfig {
  if (settings.DB_HOST === undefined) return { kind: "embedded", folder: settings.DATA_DIR };
  return {
    kind: "postgres",
    host: settings.DB_HOST,
    port: settings.DB_PORT,
    user: settings.DB_USER,
    password: settings.DB_PASSWORD ?? "",
    name: settings.DB_NAME,
    ssl: settings.DB_SSL,
    replicaHost: settings.DB_REPLICA_HOST ?? null,
  };
}

function isPublic(secret: string): boolean {
  return secret === developmentSecret || secret === publishedSecret;
}

function contradictions({ singleMin, singleMax }: DefaultLimits): readonly Problem[] {
  if (singleMin === null || singleMax === null || singleMin <= singleMax) return [];
  return [
    {
      setting: "DEFAULT_SINGLE_MIN",
      wrong: "DEFAULT_SINGLE_MIN is over DEFAULT_SINGLE_MAX, so that no order could pass.",
      cure: "Lower the one or raise the other.",
    },
  ];
}

/** What production refuses. */
function unsafe(settings: Settings): readonly Problem[] {
  const problems: Problem[] = [];
  const secretIs = secretProblem(settings.JWT_SECRET);
  if (secretIs !== null) {
    problems.push({ setting: "JWT_SECRET", wrong: `JWT_SECRET ${secretIs}.`, cure: secretCure });
  }
  if (settings.DB_HOST === undefined && !settings.ALLOW_EMBEDDED) {
    problems.push({
      setting: "DB_HOST",
      wrong: "DB_HOST is not set, and production does not keep quotas in the embedded Postgres.",
      cure: "Name a Postgres server, or set ALLOW_EMBEDDED=true to run without one.",
    });
  }
  const needsPassword = settings.DB_HOST !== undefined || !settings.ALLOW_EMBEDDED;
  if (needsPassword && settings.DB_PASSWORD === undefined) {
    problems.push({
      setting: "DB_PASSWORD",
      wrong: "DB_PASSWORD is not set, and production needs it with DB_HOST.",
      cure: "Set it to the password of DB_USER.",
    });
  }
  return problems;
}

function secretProblem(secret: string | undefined): string | null {
  if (secret === undefined) return "is not set, and production needs one";
  if (isPublic(secret)) return "is a published default that anybody can sign with";
  if (secret.length >= secretCharactersMin) return null;
  return `has fewer than ${String(secretCharactersMin)} characters`;
}
