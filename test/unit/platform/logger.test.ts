import test from "ava";

import { createLogger } from "../../../src/platform/logger.ts";

test("no secret reaches the log, wherever it stands", (t) => {
  const lines: string[] = [];
  const log = createLogger({
    level: "info",
    pretty: false,
    destination: { write: (line: string) => lines.push(line) },
  });

  log.info({ token: "hush", database: { password: "hush" } }, "opened");
  log.info({ req: { headers: { authorization: "Bearer hush", cookie: "hush" } } }, "asked");
  log.info({ config: { http: { secret: "hush" } }, jwtSecret: "hush", shard: 7 }, "started");
  log.debug("not written at this level");

  t.is(lines.length, 3);
  t.notRegex(lines.join(""), /hush/);
  t.regex(lines.join(""), /"shard":7/);
});
