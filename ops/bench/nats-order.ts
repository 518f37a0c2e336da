import { currenciesWith } from "../../src/domain/currency.ts";
import { instant } from "../../src/domain/instant.ts";
import { operations } from "../../src/wire/codec.ts";
import { messageText } from "../../src/wire/parcel.ts";

const currencies = currenciesWith(new Map());

/** What stands in a message in place of what differs from one to the next. */
const holes = { no: 123_456_789, deadline: 987_654_321, merchant: "MERCHANT", orderNo: "ORDER-NO" };

/** One message of a parcel, as an edge writes it for a consume of 1. */
export interface NumberedOrder {
  readonly no: number;
  readonly deadline: number;
  readonly merchant: string;
  readonly orderNo: string;
}

/**
 * Writes messages of parcels by filling in what differs: an edge's own way costs more than the load may on a machine
 * that the owner has to share with it.
 */
export function orderWriter(): (order: NumberedOrder) => string {
  const whole = messageText({
    no: holes.no,
    message: {
      deadline: instant(holes.deadline),
      request: operations.consume.read(
        { merchant_id: holes.merchant, currency: "USD", order_no: holes.orderNo, amount: 1 },
        { operator: { id: "bench", type: "api" }, traceId: null, currencies },
      ),
    },
  });
  const names = Object.keys(holes) as (keyof NumberedOrder)[];
  const parts = whole.split(new RegExp(`(${Object.values(holes).join("|")})`));
  const filled = parts.map((text) => {
    const name = names.find((hole) => String(holes[hole]) === text);
    return name === undefined ? text : { name };
  });
  return (order) => {
    let text = "";
    for (const part of filled) text += typeof part === "string" ? part : String(order[part.name]);
    return text;
  };
}
