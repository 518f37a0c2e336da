import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { envExample, settingsTable, withSettings } from "./settings.ts";

/*
 * Writes `.env.example` and the README's table of settings from the schema; run by `npm run docs` in the project's
 * folder. `test/unit/config.test.ts` fails while either differs.
 */
writeFileSync(".env.example", envExample());
if (existsSync("README.md")) {
  writeFileSync("README.md", withSettings(readFileSync("README.md", "utf8"), settingsTable()));
}
