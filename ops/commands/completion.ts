import { Argument, Command } from "commander";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** A word that may stand there. */
interface Word {
  readonly word: string;
  /** Empty = it says all. */
  readonly description: string;
}

interface OptionWord extends Word {
  readonly takesValue: boolean;
  /** All that its value may be; none = anything. */
  readonly values: readonly string[];
}

/** A place in the tree of commands, and what may follow there. */
interface Place {
  /** Such as `shards move`; empty = the program itself. */
  readonly path: string;
  readonly commands: readonly Word[];
  /** What an argument may be, where that is known. */
  readonly values: readonly string[];
  readonly options: readonly OptionWord[];
}

const help: OptionWord = {
  word: "--help",
  description: "what it does",
  takesValue: false,
  values: [],
};

/** `quotactl completion`: a script that completes commands and options in a shell. */
export function completionCommand(program: Command, print: (line: string) => void): Command {
  return new Command("completion")
    .description("print a script that completes commands and options in a shell")
    .addArgument(new Argument("<shell>").choices(shells))
    .addHelpText(
      "after",
      `
bash: eval "$(quotactl completion bash)"          in ~/.bashrc
zsh:  eval "$(quotactl completion zsh)"           in ~/.zshrc, after compinit
fish: quotactl completion fish | source           in ~/.config/fish/config.fish

It completes the word quotactl: have that on the path (npm link), or as an alias.`,
    )
    .action((shell: Shell) => {
      const places = placesOf(program, "");
      print(shell === "fish" ? fishScript(places) : bashScript(places, shell));
    });
}

function placesOf(command: Command, path: string): readonly Place[] {
  const options = command.options.flatMap(
    ({ long, description, argChoices, required, optional }) =>
      typeof long === "string"
        ? [{ word: long, description, takesValue: required || optional, values: argChoices ?? [] }]
        : [],
  );
  const here: Place = {
    path,
    commands: command.commands.map((each) => ({
      word: each.name(),
      description: each.description(),
    })),
    values: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: [...options, help],
  };
  const below = command.commands.flatMap((each) =>
    placesOf(each, path === "" ? each.name() : `${path} ${each.name()}`),
  );
  return [here, ...below];
}

/** One function, by the words before the cursor that are no options. zsh has bash's way of it. */
function bashScript(places: readonly Place[], shell: "bash" | "zsh"): string {
  const cases = places.map(({ path, commands, values, options }) => {
    const words = [...commands, ...options].map(({ word }) => word);
    return `    "${path}") words="${[...values, ...words].join(" ")}" ;;`;
  });
  const valueCases = places.flatMap(({ path, options }) =>
    options
      .filter(({ values }) => values.length > 0)
      .map(({ word, values }) => `    "${path} ${word}") words="${values.join(" ")}" ;;`),
  );
  return [
    ...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []),
    "_quotactl() {",
    '  local word words="" path="" n',
    "  for ((n = 1; n < COMP_CWORD; n++)); do",
    '    word="${COMP_WORDS[n]}"',
    '    case " ' + places.map(({ path }) => path.replaceAll(" ", "/")).join(" ") + ' " in',
    '      *" ${path:+$path/}$word "*) path="${path:+$path/}$word" ;;',
    "    esac",
    "  done",
    '  case "${path//\\// }" in',
    ...cases,
    "  esac",
    '  case "${path//\\// } ${COMP_WORDS[COMP_CWORD - 1]}" in',
    ...valueCases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -o default -F _quotactl quotactl",
  ].join("\n");
}

/** One line a word, with when it may stand. Files are offered where an option takes any value. */
function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, values, options }) => {
    const inside = path.split(" ").filter((word) => word !== "");
    const others = commands.map(({ word }) => word).join(" ");
    const seen = inside.map((word) => `__fish_seen_subcommand_from ${word}`);
    const notYet = others === "" ? [] : [`not __fish_seen_subcommand_from ${others}`];
    const when = `complete -c quotactl -n '${[...seen, ...notYet].join("; and ")}'`;
    return [
      ...commands.map(({ word, description }) => `${when} -a ${word} -d '${quoted(description)}'`),
      ...(values.length === 0 ? [] : [`${when} -a '${values.join(" ")}'`]),
      ...options.map(({ word, description, takesValue, values: its }) => {
        const value = its.length > 0 ? ` -x -a '${its.join(" ")}'` : takesValue ? " -r -F" : "";
        return `${when} -l ${word.slice(2)}${value} -d '${quoted(description)}'`;
      }),
    ];
  });
  return ["complete -c quotactl -f", ...lines].join("\n");
}

function quoted(text: string): string {
  return text.replaceAll("'", "’").replaceAll("\n", " ");
}
