import { adjust, reset, resume, suspend } from "./admin.ts";
import type { Command } from "./command.ts";
import type { Decision, Turn } from "./decision.ts";
import { release, settle } from "./give-back.ts";
import { cancel, confirm, expire } from "./hold.ts";
import type { Order } from "./order.ts";
import { rolled, type Quota } from "./quota.ts";
import { consume, reserve } from "./take.ts";
import { unreachable } from "./unreachable.ts";

/**
 * Decides one command, all or nothing: a fact, a refusal with its reason and numbers, or the first answer again.
 * Pure: no clock, no I/O, never throws.
 * @param order what the command's order_no or adjustment_no did before; undefined = nothing
 */
export function decide(
  before: Quota,
  order: Order | undefined,
  command: Command,
  turn: Turn,
): Decision {
  const quota = rolled(before, turn.calendar);
  switch (command.kind) {
    case "consume":
      return consume(quota, order, command, turn);
    case "reserve":
      return reserve(quota, order, command, turn);
    case "confirm":
      return confirm(quota, order, command, turn);
    case "cancel":
      return cancel(quota, order, command, turn);
    case "expire":
      return expire(quota, order, command, turn);
    case "release":
      return release(quota, order, command, turn);
    case "settle":
      return settle(quota, order, command, turn);
    case "adjust":
      return adjust(quota, order, command, turn);
    case "reset":
      return reset(quota, command, turn);
    case "suspend":
      return suspend(quota, command, turn);
    case "resume":
      return resume(quota, command, turn);
    default:
      return unreachable(command);
  }
}
