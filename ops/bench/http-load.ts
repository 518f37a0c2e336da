import { questionText } from "./http-line.ts";
import { type Asking, runPhase } from "./http-phase.ts";
import type { HttpPlan, HttpRan, Told } from "./http-plan.ts";
import { token } from "./service.ts";

/*
 * Loads the service over HTTP, in a process of its own, so that its cost is seen beside the service's. The first
 * parameter is an HttpPlan as JSON, standard output the HttpRan.
 */
const plan = JSON.parse(process.argv[2] ?? "") as HttpPlan;
const book: Record<string, Told> = {};
let orders = 0;

const asking: Asking = {
  port: Number(new URL(plan.url).port),
  next: () => {
    const merchant = `M-${1 + Math.floor(Math.random() * plan.merchants)}`;
    const order = `${plan.name}-${(orders += 1)}`;
    const body = `{"merchant_id":"${merchant}","currency":"USD","order_no":"${order}","amount":1}`;
    return {
      text: questionText("/api/v1/quotas/consume", token, body),
      told: (status) => {
        note(merchant, status);
      },
    };
  },
};

if (plan.warmSeconds > 0) await runPhase(asking, { ...plan, seconds: plan.warmSeconds });
const ran: HttpRan = { ...(await runPhase(asking, plan)), book };
process.stdout.write(`${JSON.stringify(ran)}\n`);

/** @param status of the answer; null = there was none */
function note(merchant: string, status: number | null): void {
  const { acknowledged, unknown } = book[merchant] ?? { acknowledged: 0, unknown: 0 };
  if (status === 200) book[merchant] = { acknowledged: acknowledged + 1, unknown };
  // Until it is known, and for good where nobody ever says: an answer of 504, and none.
  else if (status === null || status === 504) {
    book[merchant] = { acknowledged, unknown: unknown + 1 };
  }
}
