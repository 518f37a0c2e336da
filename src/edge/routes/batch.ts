import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Currencies } from "../../domain/currency.ts";
import { adminOperations, operationNamed, operations, type Origin } from "../../wire/codec.ts";
import { type BatchBody, batchBody } from "../../wire/http.ts";
import { type Checked, createChecker } from "../../wire/http-check.ts";
import { invalidRequest, problem, type Reply } from "../../wire/http-problem.ts";
import { batchReply } from "../../wire/http-reply.ts";
import type { Answer } from "../answer.ts";
import type { Caller } from "../caller.ts";
import { described } from "../described.ts";
import type { Mark } from "../mark.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Marks } from "../plugins/trace.ts";
import { send } from "../send.ts";

const batchBytesMax = 1024 * 1024; // then PAYLOAD_TOO_LARGE

/** What the operations of one call have in common. */
interface Batch {
  readonly caller: Caller;
  readonly origin: Origin;
  readonly request: FastifyRequest;
  readonly mark: Mark;
}

/** Many operations in one call, each decided on its own. */
export function batchRoute(
  app: FastifyInstance,
  options: {
    readonly answer: Answer;
    readonly auth: Auth;
    readonly marks: Marks;
    readonly currencies: Currencies;
  },
): void {
  const { answer, auth, marks, currencies } = options;
  const checker = createChecker(currencies);
  const checks = new Map<string, (value: unknown) => Checked>();
  for (const [name, { body }] of Object.entries(operations)) checks.set(name, checker(body));

  /** Asks without waiting, so that all are on their way in their order before the first is answered. */
  const begin = (
    { op, ...body }: BatchBody["operations"][number],
    { caller, origin, request, mark }: Batch,
  ): Promise<Reply> | Reply => {
    const operation = operationNamed(op);
    const checked = checks.get(String(op))?.(body);
    if (operation === undefined || checked === undefined) {
      const message = `must be one of ${[...checks.keys()].join(", ")}`;
      return invalidRequest([{ field: "op", message }], request.id);
    }
    if (adminOperations.has(String(op)) && !caller.rights.has("admin")) {
      return problem("FORBIDDEN", "the token gives no admin right", request.id);
    }
    if (checked.kind === "invalid") return invalidRequest(checked.errors, request.id);
    const asked = operation.read(checked.value, origin);
    return auth.outOfReach(request, asked.key.merchantId) ?? answer(asked, mark);
  };

  app.post<{ Body: BatchBody }>(
    "/api/v1/quotas/batch",
    {
      bodyLimit: batchBytesMax,
      schema: {
        body: batchBody,
        ...described({
          tag: "Quotas",
          summary: "Up to 1,000 operations, each decided on its own, in order for each key",
          reply: batchReply,
        }),
      },
      onRequest: auth.allow("caller"),
    },
    async (request, reply) => {
      const caller = auth.callerOf(request);
      const mark = marks.of(request);
      const origin = { operator: caller.operator, traceId: mark.traceId, currencies };
      const batch = { caller, origin, request, mark };
      const answers = await Promise.all(
        request.body.operations.map((given) => Promise.resolve(begin(given, batch))),
      );
      const results = answers.map(({ body, status }) => ({ ...body, status }));
      return send(reply, {
        status: 200,
        mediaType: "application/json",
        headers: null,
        body: { results },
      });
    },
  );
}
