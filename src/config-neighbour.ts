import { cureOf, type Problem } from "./setting-check.ts";
import type { Settings } from "./settings.ts";

/** What surrounds this service; null = it is not there. */
export interface Neighbours {
  readonly policy: PolicyConfig;
  readonly configService: { readonly url: string; readonly environment: string } | null;
  readonly redis: {
    readonly host: string;
    readonly port: number;
    readonly password: string | null;
  } | null;
  readonly nats: { readonly servers: readonly string[] } | null;
  readonly notificationUrl: string | null;
  readonly webhooks: { readonly urls: readonly string[]; readonly secret: string } | null;
  readonly usageEvents: boolean;
  readonly tracesUrl: string | null;
}

export interface PolicyConfig {
  /** null = there is no policy service. */
  readonly url: string | null;
  readonly failureMode: Settings["POLICY_FAILURE_MODE"];
  readonly timeoutMs: number;
  readonly keepMs: number;
}

const webhookUrlsMax = 20;

/** @param problems takes what is wrong */
export function neighboursOf(settings: Settings, problems: Problem[]): Neighbours {
  const wrong = (setting: Problem["setting"], text: string, cure: string): null => {
    problems.push({ setting, wrong: `${setting} ${text}.`, cure });
    return null;
  };
  const urls = listOf(settings.ALERT_WEBHOOK_URLS);
  if (urls.length > webhookUrlsMax || !urls.every(isWebAddress)) {
    wrong(
      "ALERT_WEBHOOK_URLS",
      "is not a list of at most 20 http or https addresses",
      cureOf("ALERT_WEBHOOK_URLS"),
    );
  }
  const secret = settings.ALERT_WEBHOOK_SECRET;
  const webhooks =
    urls.length === 0
      ? null
      : secret === undefined
        ? wrong(
            "ALERT_WEBHOOK_SECRET",
            "is not set, and ALERT_WEBHOOK_URLS needs it",
            'Set it to "whsec_" and what `openssl rand -base64 32` prints.',
          )
        : { urls, secret };
  const configService = settings.ENABLE_CONFIG_CLIENT
    ? settings.CONFIG_SERVICE_URL === undefined
      ? wrong(
          "CONFIG_SERVICE_URL",
          "is not set, and ENABLE_CONFIG_CLIENT needs it",
          "Name the config service, or set ENABLE_CONFIG_CLIENT=false.",
        )
      : { url: settings.CONFIG_SERVICE_URL, environment: settings.ENV ?? settings.NODE_ENV }
    : null;
  if (settings.EVENTS_USAGE && settings.NATS_URL === undefined) {
    wrong(
      "NATS_URL",
      "is not set, and EVENTS_USAGE needs it",
      "Name the NATS servers, or set EVENTS_USAGE=false.",
    );
  }
  return {
    policy: {
      url: settings.POLICY_SERVICE_URL ?? null,
      failureMode: settings.POLICY_FAILURE_MODE,
      timeoutMs: settings.POLICY_TIMEOUT_MS,
      keepMs: settings.POLICY_KEEP_MS,
    },
    configService,
    redis:
      settings.REDIS_HOST === undefined
        ? null
        : {
            host: settings.REDIS_HOST,
            port: settings.REDIS_PORT,
            password: settings.REDIS_PASSWORD ?? null,
          },
    nats: settings.NATS_URL === undefined ? null : { servers: listOf(settings.NATS_URL) },
    notificationUrl: settings.NOTIFICATION_SERVICE_URL ?? null,
    webhooks,
    usageEvents: settings.EVENTS_USAGE,
    tracesUrl: settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
