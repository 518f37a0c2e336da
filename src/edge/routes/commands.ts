import type { FastifyInstance } from "fastify";

import type { Currencies } from "../../domain/currency.ts";
import { adminOperations, operations, type OperationName } from "../../wire/codec.ts";
import { checkReply, commandReply, reservationReply } from "../../wire/http-reply.ts";
import type { Answer } from "../answer.ts";
import { described } from "../described.ts";
import type { Auth } from "../plugins/auth.ts";
import type { Marks } from "../plugins/trace.ts";
import { send } from "../send.ts";

/** In the order of the published document, in which their examples succeed. */
const calls = [
  ["check", checkReply, "Would this amount fit now? Advisory; changes nothing"],
  ["consume", commandReply, "Take an amount for an order"],
  ["release", commandReply, "Give back, whole or in slices"],
  ["reserve", reservationReply, "Hold an amount for an order, for a while"],
  ["confirm", reservationReply, "Take what was held, all or a part"],
  ["cancel", reservationReply, "Drop a hold"],
  ["settle", commandReply, "An order was settled: it leaves the pending amount"],
  ["adjust", commandReply, "Correct what is used, by hand"],
  ["suspend", commandReply, "Refuse all further taking and holding"],
  ["resume", commandReply, "Allow it again"],
] as const satisfies readonly (readonly [OperationName, object, string])[];

/** The calls on one key: body in, question to the owner, its answer out. */
export function commandRoutes(
  app: FastifyInstance,
  options: {
    readonly answer: Answer;
    readonly auth: Auth;
    readonly marks: Marks;
    readonly currencies: Currencies;
  },
): void {
  const { answer, auth, marks, currencies } = options;
  for (const [name, reply, summary] of calls) {
    const { body, read } = operations[name];
    const isAdmin = adminOperations.has(name);
    const tag = isAdmin ? "Administration" : "Quotas";
    app.post(
      `/api/v1/quotas/${name}`,
      {
        schema: { body, ...described({ tag, summary, reply }) },
        onRequest: auth.allow(isAdmin ? "admin" : "caller"),
      },
      async (request, reply) => {
        const { operator } = auth.callerOf(request);
        const mark = marks.of(request);
        const asked = read(request.body, { operator, traceId: mark.traceId, currencies });
        const refusal = auth.outOfReach(request, asked.key.merchantId);
        return send(reply, refusal ?? (await answer(asked, mark)));
      },
    );
  }
}
