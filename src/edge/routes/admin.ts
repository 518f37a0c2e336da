import type { FastifyInstance } from "fastify";

import type { Currencies } from "../../domain/currency.ts";
import type { Key } from "../../domain/ids.ts";
import type { Session } from "../../platform/database.ts";
import { type Origin, requestedKey, resetOf } from "../../wire/codec.ts";
import { type ResetBody, resetBody } from "../../wire/http.ts";
import { problem, type Reply } from "../../wire/http-problem.ts";
import { resetProblemReply, resetReply } from "../../wire/http-reply.ts";
import type { Answer } from "../answer.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Marks } from "../plugins/trace.ts";
import { allKeys, keysOfMerchant, listKeys } from "../reads/keys.ts";
import { send } from "../send.ts";

/** Keys that are reset side by side; the next are read when these are done. */
const keysAtOnce = 64;
/** Failures that are named in the answer. */
const failedMax = 100;

interface Failed {
  readonly merchant_id: string;
  readonly currency: string;
  readonly code: string;
}

/** Begins a running period anew: of one key, of a merchant, or of all. */
export function resetRoute(
  app: FastifyInstance,
  options: {
    readonly answer: Answer;
    readonly auth: Auth;
    readonly marks: Marks;
    readonly reads: Session;
    readonly currencies: Currencies;
  },
): void {
  const { answer, auth, marks, reads, currencies } = options;
  const summary = "Begin a running period anew, for one key, a merchant or all";
  const documented = described({ tag: "Administration", summary, reply: resetReply });
  app.post<{ Body: ResetBody }>(
    "/api/v1/quotas/reset",
    {
      schema: {
        body: resetBody,
        ...documented,
        response: { ...documented.response, 503: resetProblemReply, 504: resetProblemReply },
      },
      onRequest: auth.allow("admin"),
    },
    async (request, reply) => {
      const { body } = request;
      const { operator } = auth.callerOf(request);
      const mark = marks.of(request);
      const origin: Origin = { operator, traceId: mark.traceId, currencies };
      const isOneKey = body.merchant_id !== undefined && body.currency !== undefined;
      const failed: Failed[] = [];
      let keys = 0;
      let reset = 0;
      let isUnknown = false;
      for await (const page of pagesOf(body, reads, currencies)) {
        const answers = await Promise.all(
          page.map(async (key) => {
            const command = resetOf(key, body.period, body.reason ?? null, origin);
            return { key, answered: await answer(command, mark) };
          }),
        );
        keys += page.length;
        for (const { key, answered } of answers) {
          if (answered.status === 200) {
            reset += 1;
            continue;
          }
          if (isOneKey) return send(reply, answered);
          const failure = failedOf(key, answered);
          isUnknown ||= failure.code === "OUTCOME_UNKNOWN";
          if (failed.length < failedMax) failed.push(failure);
        }
      }
      const counts = { period: body.period, keys, reset, failed };
      if (reset < keys) {
        const code = isUnknown ? "OUTCOME_UNKNOWN" : "SHARD_UNAVAILABLE";
        const no = problem(code, `${reset} of ${keys} keys were reset`, request.id);
        return send(reply, { ...no, body: { ...no.body, ...counts } });
      }
      return send(reply, {
        status: 200,
        mediaType: "application/json",
        headers: null,
        body: { success: true, ...counts },
      });
    },
  );
}

async function* pagesOf(
  { merchant_id: merchantId, currency }: ResetBody,
  reads: Session,
  currencies: Currencies,
): AsyncGenerator<readonly Key[]> {
  if (merchantId !== undefined && currency !== undefined) {
    yield [requestedKey(merchantId, currency, currencies)];
    return;
  }
  const range = merchantId === undefined ? allKeys : keysOfMerchant(merchantId);
  let { above } = range;
  for (;;) {
    const page = await listKeys(reads, { above, below: range.below }, keysAtOnce);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    above = last.text;
  }
}

function failedOf(key: Key, { body }: Reply): Failed {
  const code = "code" in body ? String(body.code) : "INTERNAL";
  return { merchant_id: key.merchantId, currency: key.currency, code };
}
