import { readFileSync } from "node:fs";

/*
 * Loaded into a process before its program (`node --import`): its wall clock goes wrong by as many milliseconds as the
 * file says that SKEW_FILE names, now and whenever that is written anew.
 */
const file = process.env["SKEW_FILE"] ?? "";
const readEveryMs = 50;
const rightNow = Date.now.bind(Date);
let skewMs = 0;

const read = (): void => {
  skewMs = Number(readFileSync(file, "utf8"));
};
read();
setInterval(read, readEveryMs).unref();
Date.now = () => rightNow() + skewMs;
