import { execFile } from "node:child_process";
import { promisify } from "node:util";

import test from "ava";

import { quotactlProgram } from "../../../../ops/commands/program.ts";
import { fakeOperator } from "../../../support/fake-operator.ts";
import { programPath } from "../../../support/services-lone.ts";
import { skipAnyway } from "../../../support/services-skipped.ts";

const run = promisify(execFile);
/** A shell that waits for what never comes is ended. */
const shellMaxMs = 60_000;

/** What is typed behind `quotactl` before the tab key, and all that may be meant. */
const typed: readonly (readonly [string, readonly string[]])[] = [
  ["mig", ["migrate", "migrate-legacy"]],
  ["shards re", ["rebalance"]],
  ["shards move 5 --t", ["--to"]],
  ["alerts resend --", ["--help", "--json", "--target"]],
  ["shards --dr", []],
  ["token --user-type ", ["admin", "merchant", "service"]],
  ["completion ", ["bash", "fish", "zsh"]],
];

async function scriptFor(shell: string): Promise<string> {
  const printed: string[] = [];
  const program = quotactlProgram((line) => printed.push(line), fakeOperator());
  await program.parseAsync(["completion", shell], { from: "user" });
  return printed.join("\n");
}

/** What a shell answers; it finds the script in SCRIPT. Nothing of the tests' own shell reaches it. */
async function answerOf(path: string, args: readonly string[], script = ""): Promise<string> {
  const { stdout } = await run(path, args, {
    timeout: shellMaxMs,
    env: { PATH: process.env["PATH"], TERM: "dumb", LC_ALL: "C", SCRIPT: script },
  });
  return stdout;
}

function wordsOf(answer: string): readonly string[] {
  const words = answer.split("\n").map((line) => line.split("\t")[0] ?? "");
  return words.filter((word) => word !== "").toSorted();
}

test("bash completes commands, those below them, options, and what is known of their values", async (t) => {
  const script = await scriptFor("bash");
  for (const [line, meant] of typed) {
    const words = line.split(" ").map((word) => `'${word}'`);
    const ask = `COMP_WORDS=(quotactl ${words.join(" ")}); COMP_CWORD=${words.length}
_quotactl; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = await answerOf("bash", ["--norc", "-c", `eval "$SCRIPT"\n${ask}`], script);
    const options = line.endsWith(" ") ? /^--/ : /^$/;
    t.deepEqual(
      wordsOf(answer).filter((word) => !options.test(word)),
      meant,
      line,
    );
  }
});

test("fish completes the same, and says what each word does", async (t) => {
  const fish = programPath("fish");
  if (fish === undefined) return void t.pass(skipAnyway("fish", "no fish on the path").skipped);
  const script = await scriptFor("fish");
  const ask = (line: string): Promise<string> =>
    answerOf(
      fish,
      ["--no-config", "-c", `echo "$SCRIPT" | source; complete -C 'quotactl ${line}'`],
      script,
    );

  for (const [line, meant] of typed) t.deepEqual(wordsOf(await ask(line)), meant, line);
  t.true((await ask("shards move 5 --t")).startsWith("--to\ta node that lives"));
});

/** In zsh: types each line, the tab key and the enter key into a terminal of another zsh, and prints what that ran. */
const zshTypist = `
zmodload zsh/zpty
zpty typed zsh -f -i
zpty -w typed 'autoload -U compinit && compinit -u -D; eval "$SCRIPT"; quotactl() { print -r -- "<$*>" }; print RE""ADY'
zpty -r -m typed seen '*READY*'
for line in "$@"; do
  zpty -w typed "quotactl $line"$'\\t'
  zpty -r -m typed seen '*<*>*'
  print -r -- "\${\${seen##*<}%%>*}"
done`;

test("zsh completes the same at its own prompt", async (t) => {
  const zsh = programPath("zsh");
  if (zsh === undefined) return void t.pass(skipAnyway("zsh", "no zsh on the path").skipped);
  const lines = [
    "shards reb",
    "migrate-l",
    "shards move 5 --t",
    "token --user-type m",
    "completion f",
  ];

  const answer = await answerOf(
    zsh,
    ["-f", "-c", zshTypist, "typist", ...lines],
    await scriptFor("zsh"),
  );

  t.deepEqual(answer.trimEnd().split("\n"), [
    "shards rebalance",
    "migrate-legacy",
    "shards move 5 --to",
    "token --user-type merchant",
    "completion fish",
  ]);
});
