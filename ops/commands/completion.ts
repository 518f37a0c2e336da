import { Argument, Command } from "commander";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** A place in the tree of commands, and what may follow there. */
interface Place {
  /** Such as `shards move`; empty = the program itself. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly { readonly long: string; readonly description: string }[];
}

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
fish: quotactl completion fish | source           in ~/.config/fish/config.fish`,
    )
    .action((shell: Shell) => {
      const places = placesOf(program, "");
      print(shell === "fish" ? fishScript(places) : bashScript(places, shell));
    });
}

function placesOf(command: Command, path: string): readonly Place[] {
  const options = command.options.flatMap(({ long, description }) =>
    typeof long === "string" ? [{ long, description }] : [],
  );
  const below = command.commands.flatMap((each) =>
    placesOf(each, path === "" ? each.name() : `${path} ${each.name()}`),
  );
  return [{ path, commands: command.commands, options }, ...below];
}

/** One function, by the words before the cursor that are no options. zsh has bash's way of it. */
function bashScript(places: readonly Place[], shell: "bash" | "zsh"): string {
  const cases = places.map(({ path, commands, options }) => {
    const words = [...commands.map((each) => each.name()), ...options.map(({ long }) => long)];
    return `    "${path}") words="${[...words, "--help"].join(" ")}" ;;`;
  });
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
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -o default -F _quotactl quotactl",
  ].join("\n");
}

function fishScript(places: readonly Place[]): string {
  return places
    .flatMap(({ path, commands, options }) => {
      const inside = path.split(" ").filter((word) => word !== "");
      const others = commands.map((each) => each.name()).join(" ");
      const seen = inside.map((word) => `__fish_seen_subcommand_from ${word}`);
      const notYet = others === "" ? [] : [`not __fish_seen_subcommand_from ${others}`];
      const when = [...seen, ...notYet].join("; and ");
      return [
        ...commands.map(
          (each) =>
            `complete -c quotactl -f -n '${when}' -a ${each.name()} -d '${quoted(each.description())}'`,
        ),
        ...options.map(
          ({ long, description }) =>
            `complete -c quotactl -n '${when}' -l ${long.slice(2)} -d '${quoted(description)}'`,
        ),
      ];
    })
    .join("\n");
}

function quoted(text: string): string {
  return text.replaceAll("'", "’").replaceAll("\n", " ");
}
