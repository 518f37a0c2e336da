import { packBlankCluster } from "../src/platform/pglite-blank.ts";

/* Run by `npm run build`: the first start, and each test with a database of its own, unpack what this packs. */
await packBlankCluster();
