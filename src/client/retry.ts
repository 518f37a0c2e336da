import { type Answer, answerOf, type Faulty, type Result } from "./answer.ts";
import { QuotaFault, type QuotaFaultCode } from "./quota-fault.ts";
import type { ClientTimer } from "./timer.ts";
import type { Heard } from "./transport.ts";

const firstWaitMs = 50; // doubled with every try
const waitMaxMs = 1_000;
/** Of what the service asks to wait: so much more at most, so that its callers do not come back all at once. */
const asideRate = 0.25;

/** How long and how often one call is asked. */
export interface Patience {
  /** Of the whole call, its waits included. */
  readonly deadlineMs: number;
  /** Of one try, after which it is asked again. */
  readonly tryMs: number;
  /** Whether sending it again is safe. */
  readonly mayRepeat: boolean;
}

/** What repeating a call needs. */
export interface RetryParts {
  readonly timer: ClientTimer;
  /** 0 … 1, for the length of the waits. */
  readonly random: () => number;
}

/** Those that a repeat of the same number can mend. */
const repeatable: ReadonlySet<QuotaFaultCode> = new Set([
  "OVERLOADED",
  "SHARD_UNAVAILABLE",
  "RATE_LIMITED",
  "OUTCOME_UNKNOWN",
]);

/**
 * Asks until there is an answer or the deadline has come. It does not wait for a try that the deadline leaves no time
 * for: the caller learns of the fault as early as can be.
 *
 * @throws QuotaFault OUTCOME_UNKNOWN when any of the tries may have done it, whatever the last one met; else the last
 *   try's own
 */
export async function askUntilAnswered<Reply>(
  attempt: (tryMs: number) => Promise<Heard>,
  { deadlineMs, tryMs, mayRepeat }: Patience,
  { timer, random }: RetryParts,
): Promise<Result<Reply>> {
  const startMs = timer.elapsedMs();
  const leftMs = (): number => deadlineMs - (timer.elapsedMs() - startMs);
  let unknown: QuotaFault | null = null;
  for (let tries = 1; ; tries += 1) {
    const heard = await attempt(Math.max(1, Math.min(tryMs, leftMs())));
    const answer: Answer<Reply> = answerOf(heard);
    if (answer.kind !== "fault") return answer;
    if (answer.fault.isOutcomeUnknown) unknown = answer.fault;
    const waitMs = waitAfter(heard, tries, random());
    if (!mayRepeat || !isRepeatable(answer) || waitMs >= leftMs()) {
      throw told(answer.fault, unknown, tries);
    }
    await new Promise<void>((resolve) => {
      timer.after(waitMs, resolve);
    });
  }
}

function isRepeatable({ fault }: Faulty): boolean {
  return repeatable.has(fault.code);
}

/** At least what the service asked for; else anything up to twice as long with every try. */
function waitAfter(heard: Heard, tries: number, share: number): number {
  const asked = heard.kind === "answered" ? heard.retryAfterMs : null;
  if (asked !== null) return asked * (1 + asideRate * share);
  return share * Math.min(firstWaitMs * 2 ** Math.min(tries, 10), waitMaxMs);
}

/** A last try that did nothing takes nothing back of an earlier one that may have. */
function told(last: QuotaFault, unknown: QuotaFault | null, tries: number): QuotaFault {
  if (tries === 1) return last;
  if (unknown === null || unknown === last) {
    return new QuotaFault(last.code, `${last.message} (tried ${tries} times)`, last.problem);
  }
  const message = `an earlier try may have done it; the last of ${tries} met ${last.code}: ${last.message}`;
  return new QuotaFault("OUTCOME_UNKNOWN", message, unknown.problem);
}
