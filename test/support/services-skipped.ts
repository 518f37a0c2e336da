/** A service that is neither given nor on this machine: its tests pass without having asked it. */
export interface Skipped {
  readonly skipped: string;
}

/**
 * Says loudly, once, that tests are skipped.
 *
 * @param reason what was looked for and is not there
 * @throws Error instead when REQUIRE_SERVICES is 1
 */
export function skip(service: string, reason: string): Skipped {
  if (process.env["REQUIRE_SERVICES"] === "1") throw new Error(`${service} is required: ${reason}`);
  return skipAnyway(service, reason);
}

/** The same for what is not even required where REQUIRE_SERVICES is 1, such as somebody's own shell. */
export function skipAnyway(service: string, reason: string): Skipped {
  process.stderr.write(`\n### SKIPPED, tests against a real ${service}: ${reason} ###\n\n`);
  return { skipped: reason };
}
