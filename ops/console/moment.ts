/** The zone of who looks. */
export const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Date and time in a zone: to the second, but for a whole minute, such as the begin of a day. */
export function momentText(at: string, zone: string, language: string): string {
  const isWhole = Date.parse(at) % 60_000 === 0;
  return new Intl.DateTimeFormat(language, {
    timeZone: zone,
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(isWhole ? {} : { second: "2-digit" }),
    hourCycle: "h23",
  }).format(new Date(at));
}

const steps = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** How long ago, or how soon, in the largest unit that says it. */
export function distanceText(at: string, nowMs: number, language: string): string {
  const seconds = Math.round((Date.parse(at) - nowMs) / 1_000);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(seconds, "second");
}
