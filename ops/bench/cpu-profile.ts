import { readFileSync } from "node:fs";

import { Type } from "typebox";
import { Value } from "typebox/value";

/** What `node --cpu-prof` writes, as far as it is read here. Times in microseconds of the machine's monotonic clock. */
const profileSchema = Type.Object({
  startTime: Type.Number(),
  nodes: Type.Array(
    Type.Object({
      id: Type.Integer(),
      callFrame: Type.Object({
        functionName: Type.String(),
        url: Type.String(),
        lineNumber: Type.Integer(),
      }),
      children: Type.Optional(Type.Array(Type.Integer())),
    }),
  ),
  samples: Type.Array(Type.Integer()),
  timeDeltas: Type.Array(Type.Number()),
});

/** A function as it was called from another, with the time it was seen at work. */
export interface Frame {
  readonly name: string;
  /** Of the project, from its root; of a library, its name; of Node itself, `node:…`; empty for the machine itself. */
  readonly file: string;
  readonly selfUs: number;
  /** Itself and all that it called. */
  readonly totalUs: number;
  readonly children: readonly Frame[];
}

/** Microseconds of the monotonic clock. */
export interface Span {
  readonly fromUs: number;
  readonly untilUs: number;
}

/** Frames that are no work. */
const idle = new Set(["(idle)", "(program)"]);

/**
 * The calls within a span of time, from the root.
 * @throws Error when the file is no such profile
 */
export function framesOf(path: string, { fromUs, untilUs }: Span): Frame {
  const profile: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Value.Check(profileSchema, profile)) throw new Error(`${path} is not a CPU profile`);
  const selfUs = new Map<number, number>();
  let atUs = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    // A sample stands for the time until the next one.
    atUs += profile.timeDeltas[index] ?? 0;
    const lastedUs = profile.timeDeltas[index + 1] ?? 0;
    if (atUs >= fromUs && atUs < untilUs) selfUs.set(id, (selfUs.get(id) ?? 0) + lastedUs);
  }
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const frameOf = (id: number): Frame => {
    const node = byId.get(id);
    if (node === undefined) throw new Error(`${path} names a call that is not in it`);
    const { functionName, url } = node.callFrame;
    const own = idle.has(functionName) ? 0 : (selfUs.get(id) ?? 0);
    const children = (node.children ?? []).map(frameOf).filter(({ totalUs }) => totalUs > 0);
    const totalUs = children.reduce((sum, child) => sum + child.totalUs, own);
    return {
      ...{ name: functionName === "" ? "(anonymous)" : functionName, file: fileOf(url) },
      ...{ selfUs: own, totalUs, children },
    };
  };
  const [root] = profile.nodes;
  if (root === undefined) throw new Error(`${path} is empty`);
  return merged(frameOf(root.id));
}

/** Microseconds at work in each file, the busiest first. */
export function busiestFiles(root: Frame): readonly (readonly [file: string, selfUs: number])[] {
  const byFile = new Map<string, number>();
  const visit = ({ name, file, selfUs, children }: Frame): void => {
    // What has no file is the engine's own: the garbage collector, and what it is written in itself.
    const where = file === "" ? name : file;
    if (selfUs > 0) byFile.set(where, (byFile.get(where) ?? 0) + selfUs);
    children.forEach(visit);
  };
  visit(root);
  return [...byFile].sort(([, a], [, b]) => b - a);
}

/** Calls of one function by the same callers are one, whatever the engine told apart. */
function merged(frame: Frame): Frame {
  const children = new Map<string, Frame>();
  for (const child of frame.children) {
    const name = `${child.name} ${child.file}`;
    const known = children.get(name);
    children.set(
      name,
      known === undefined
        ? child
        : {
            ...known,
            selfUs: known.selfUs + child.selfUs,
            totalUs: known.totalUs + child.totalUs,
            children: [...known.children, ...child.children],
          },
    );
  }
  return { ...frame, children: [...children.values()].map(merged) };
}

function fileOf(url: string): string {
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1];
  if (library !== undefined) return library;
  return url.replace(/^file:\/\/.*\/dist\//, "").replace(/\.js$/, ".ts");
}
