import test, { type ExecutionContext } from "ava";

/** How long something lives that was started for a test: mostly for that test, which then is the lifetime itself. */
export type Lifetime = Pick<ExecutionContext, "title" | "passed" | "teardown">;

/** Last in, first out. */
const endings: (() => unknown)[] = [];
let passed = true;

test.afterEach.always((t) => {
  passed &&= t.passed;
});
test.after.always(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** That of all tests of this process. */
const everyTest: Lifetime = {
  title: "all tests of this process",
  get passed() {
    return passed;
  },
  teardown: (end) => void endings.push(end),
};

/** What the first test that asks starts, and the others find: it ends after the last test of the process. */
export function shared<T>(start: (lifetime: Lifetime) => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= start(everyTest));
}
