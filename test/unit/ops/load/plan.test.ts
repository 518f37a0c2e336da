import test from "ava";

import { isLoopback, whyNot } from "../../../../ops/load/plan.ts";
import { planWith } from "../../../support/load-plan.ts";

test("this machine is told from others", (t) => {
  for (const host of ["127.0.0.1:40022", "127.9.9.9", "localhost:1", "[::1]:40022"]) {
    t.true(isLoopback(`http://${host}`), host);
    t.true(isLoopback(`nats://${host}`), host);
  }
  for (const host of ["10.0.0.1", "127.0.0.1.example.com", "quota.example.com", "0.0.0.0"]) {
    t.false(isLoopback(`http://${host}`), host);
  }
});

test("another machine is loaded only by who says so; a batch goes over HTTP", (t) => {
  const remote = planWith({ url: "http://10.0.0.1:40022" });
  t.regex(whyNot(remote, false) ?? "", /--allow-remote/);
  t.is(whyNot(remote, true), undefined);
  t.regex(whyNot(planWith({ driver: "nats", profile: "batch" }), false) ?? "", /HTTP/);
});
