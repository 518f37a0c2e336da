import type { Command, Question } from "../../../src/domain/command.ts";
import type { Receipt } from "../../../src/domain/order.ts";
import type { Standing } from "../../../src/domain/outcome.ts";

/** What a caller was told, or had to make of it. */
export type Said =
  | { readonly kind: "accepted"; readonly duplicate: boolean; readonly receipt: Receipt }
  | { readonly kind: "refused"; readonly code: string; readonly standing: Standing }
  | { readonly kind: "stands"; readonly standing: Standing }
  /** Nothing happened, by the fault's own word. */
  | { readonly kind: "nothing"; readonly code: string; readonly reason: string }
  | { readonly kind: "unknown" };

/** One call of an edge. */
export interface Call {
  /** Its trace id, by which its entry in the log is known. */
  readonly id: string;
  readonly request: Command | Question;
  readonly askedMs: number;
  answeredMs: number;
  said: Said | null;
}

/** Every call, in the order in which they were made. */
export class History {
  readonly calls: Call[] = [];

  begin(request: Command | Question, askedMs: number): Call {
    const id = `c${this.calls.length + 1}`;
    const traced = "traceId" in request ? { ...request, traceId: id } : request;
    const call: Call = { id, request: traced, askedMs, answeredMs: Infinity, said: null };
    this.calls.push(call);
    return call;
  }
}
