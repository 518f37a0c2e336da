import type { Finding, Source } from "./tidy-source.ts";

/*
 * The floors, lowest first; an import points to a lower floor or stays in its folder:
 *
 *   4  src/main.ts, the composition root
 *   3  src/edge │ shards
 *   2  src/platform │ src/clients │ src/client
 *   1  src/wire │ src/config.ts and its settings
 *   0  src/domain
 *
 * ops/ and test/ stand outside and may import anything; nothing of production imports them.
 */
const floors: readonly (readonly [prefix: string, floor: number])[] = [
  ["src/domain/", 0],
  ["src/wire/", 1],
  ["src/platform/", 2],
  ["src/clients/", 2],
  ["src/client/", 2],
  ["src/edge/", 3],
  ["shards/", 3],
  ["src/main.ts", 4],
  ["src/", 1],
  ["ops/", 5],
  ["test/", 6],
];

/** What is started, and what other programs import. */
const entryPoints = new Set(["src/main.ts", "src/client/quota-client.ts"]);

interface Place {
  readonly folder: string;
  readonly floor: number;
}

/** An import points to a lower floor only, and folders of one floor do not know each other. */
export function floorFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.filter(isProduction).flatMap(({ path, imports }) =>
    imports
      .filter(({ relative }) => relative)
      .flatMap(({ line, target }) => {
        const from = placeOf(path);
        const to = placeOf(target);
        if (from.folder === to.folder || to.floor < from.floor) return [];
        const text = `${from.folder} (floor ${from.floor}) imports ${target} (floor ${to.floor}): move what both need to a lower floor, or pass it as an argument in src/main.ts`;
        return [{ path, line, text }];
      }),
  );
}

/** No file reaches itself by imports, types included. */
export function cycleFindings(sources: readonly Source[]): readonly Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (source: Source, trail: readonly string[]): void => {
    if (done.has(source.path)) return;
    for (const { target, line } of source.imports) {
      const next = byPath.get(target);
      if (!next) continue;
      const start = [...trail, source.path].indexOf(target);
      if (start < 0) {
        visit(next, [...trail, source.path]);
        continue;
      }
      const circle = [...trail.slice(start), source.path, target].join(" -> ");
      const text = `an import cycle, ${circle}: move what both need to a third file`;
      findings.push({ path: source.path, line, text });
    }
    done.add(source.path);
  };
  for (const source of sources) visit(source, []);
  return findings;
}

/** A production file that only tests know, or nobody, is not part of the program. */
export function orphanFindings(sources: readonly Source[]): readonly Finding[] {
  const imported = new Set(
    sources
      .filter(({ path }) => !path.startsWith("test/"))
      .flatMap(({ path, imports }) =>
        imports.map(({ target }) => target).filter((target) => target !== path),
      ),
  );
  return sources
    .filter(isProduction)
    .filter(({ path }) => !imported.has(path) && !entryPoints.has(path))
    .map(({ path }) => ({
      path,
      line: 1,
      text: "nothing of the program imports this file: use it or delete it",
    }));
}

/** A unit test stands where the file it tests stands, and has its name. */
export function testNameFindings(sources: readonly Source[]): readonly Finding[] {
  const paths = new Set(sources.map(({ path }) => path));
  return sources.flatMap(({ path }) => {
    const [, tested] = /^test\/unit\/(.+)\.test\.ts$/.exec(path) ?? [];
    if (tested === undefined || tested === "tidy") return [];
    if (paths.has(`src/${tested}.ts`) || paths.has(`${tested}.ts`)) return [];
    const text = `neither src/${tested}.ts nor ${tested}.ts is there: name the test after the file it tests, in the same folder`;
    return [{ path, line: 1, text }];
  });
}

function placeOf(path: string): Place {
  const [prefix, floor] = floors.find(([start]) => path.startsWith(start)) ?? ["?", 7];
  return { folder: prefix, floor };
}

function isProduction({ path }: Source): boolean {
  return path.startsWith("src/") || path.startsWith("shards/");
}
