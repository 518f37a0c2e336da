import { type DestinationStream, type Logger, pino } from "pino";

import { redaction, scrubbed } from "./redaction.ts";

export type { Logger } from "pino";

/**
 * Writes log lines as JSON to standard output, with secrets and tokens replaced by [redacted]: by their names, and in
 * the finished line by what they look like.
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
    redact: redaction,
    hooks: { streamWrite: scrubbed },
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
