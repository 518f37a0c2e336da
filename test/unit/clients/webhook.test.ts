import test from "ava";

import { namedWebhooks, webhookSignature } from "../../../src/clients/webhook.ts";

test("a signature is the one that other implementations of Standard Webhooks make", (t) => {
  const message = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    seconds: 1_614_265_330,
    body: '{"test": 2432232314}',
  };

  const signature = webhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message);

  t.is(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("the name of an address holds none of its secrets, and is its own", (t) => {
  const urls = [
    "https://ann:pass@hooks.example.com/quota?key=1",
    "https://hooks.example.com/quota?key=2",
    "http://other.example.com:8080",
  ];

  t.deepEqual(namedWebhooks(urls), [
    { url: urls[0] ?? "", name: "https://hooks.example.com/quota" },
    { url: urls[1] ?? "", name: "https://hooks.example.com/quota #2" },
    { url: urls[2] ?? "", name: "http://other.example.com:8080/" },
  ]);
});
