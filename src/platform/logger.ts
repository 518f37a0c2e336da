import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger } from "pino";

const secretNames = [
  "authorization",
  "cookie",
  "jwt",
  "jwtSecret",
  "password",
  "secret",
  "token",
  "DB_PASSWORD",
  "JWT_SECRET",
];
const headerNames = ["authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"];

/** Where a secret may stand: a field of the line, of one of its objects, or a header of a request or reply. */
const redactedPaths = [
  ...secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  ...headerNames.flatMap((name) => [`headers["${name}"]`, `*.headers["${name}"]`]),
];

/**
 * Writes log lines as JSON to standard output, with secrets and tokens replaced by [redacted].
 * @param pretty for a person at a development terminal: coloured lines in place of JSON
 * @param destination stands in for standard output; not with `pretty`
 */
export function createLogger(options: {
  readonly level: string;
  readonly pretty: boolean;
  readonly destination?: DestinationStream;
}): Logger {
  const settings = {
    level: options.level,
    redact: { paths: redactedPaths, censor: "[redacted]" },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (options.destination) return pino(settings, options.destination);
  if (!options.pretty) return pino(settings);
  return pino({
    ...settings,
    transport: {
      target: "pino-pretty",
      options: { ignore: "pid,hostname", translateTime: "HH:MM:ss.l" },
    },
  });
}
