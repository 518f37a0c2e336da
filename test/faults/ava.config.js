/** Long tests that break processes and machines: one after the other, beside nothing else. */
export default {
  files: ["dist/test/faults/**/*.test.js"],
  timeout: "15m",
  concurrency: 1,
};
