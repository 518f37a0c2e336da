import test from "ava";

import { orderWriter } from "../../../../ops/bench/nats-order.ts";
import { parcelFrom, parcelText } from "../../../../src/wire/parcel.ts";

test("an owner reads what the load writes as consumes of 1, each with its own number, merchant and order", (t) => {
  const write = orderWriter();
  const orders = [1, 2].map((no) => ({
    no,
    deadline: 1_700_000_000_000 + no,
    merchant: `M-${no}`,
    orderNo: `run-${no}`,
  }));

  const read = parcelFrom(parcelText(orders.map(write)));

  t.deepEqual(
    read.map(({ no, message: { deadline, request } }) => ({
      no,
      deadline: Number(deadline),
      merchant: String(request.key.merchantId),
      currency: String(request.key.currency),
      order: request.kind === "consume" ? [String(request.orderNo), Number(request.amount)] : null,
    })),
    orders.map(({ no, deadline, merchant, orderNo }) => ({
      ...{ no, deadline, merchant, currency: "USD", order: [orderNo, 1] },
    })),
  );
});
