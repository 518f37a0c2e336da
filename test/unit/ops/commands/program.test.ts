import test from "ava";

import { examples } from "../../../../ops/commands/example.ts";
import { commandsOf, quotactlProgram } from "../../../../ops/commands/program.ts";
import { fakeOperator } from "../../../support/fake-operator.ts";

/** The program with commands that do nothing but say that they were reached. */
function program() {
  const whole = quotactlProgram(() => undefined, fakeOperator());
  const reached: string[] = [];
  const idle = quotactlProgram(() => undefined, fakeOperator());
  for (const { command, path } of commandsOf(idle, "")) {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) command.action(() => void reached.push(path));
  }
  return { whole, idle, reached };
}

test("every command has examples, and takes each of them as it is written", async (t) => {
  const { whole } = program();
  const paths = commandsOf(whole, "").map(({ path }) => path);
  t.deepEqual(Object.keys(examples).toSorted(), paths.filter((path) => path !== "").toSorted());

  for (const [path, lines] of Object.entries(examples)) {
    for (const line of lines) {
      const { idle, reached } = program();
      await idle.parseAsync(line.split(" "), { from: "user" });
      t.is(reached.length, 1, line);
      t.true(line.startsWith(path), line);
    }
  }
});

test("help shows a command's examples, without colours where nobody sees them", (t) => {
  const { whole } = program();
  const { command } = commandsOf(whole, "").find(({ path }) => path === "shards drain") ?? {};
  let shown = "";
  command?.configureOutput({
    writeOut: (text) => {
      shown += text;
    },
    getOutHasColors: () => false,
  });

  command?.outputHelp();

  t.regex(shown, /Examples:\n {2}quotactl shards drain shard-2\n/);
  t.false(shown.includes("\u001B"));
});
