const traceparentForm =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** The trace id of a W3C `traceparent` header (Trace Context, level 1), or null where there is no valid one. */
export function traceIdOf(traceparent: string | string[] | undefined): string | null {
  if (typeof traceparent !== "string") return null;
  return traceparentForm.exec(traceparent)?.[1] ?? null;
}
