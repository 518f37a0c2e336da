import type { Announcer } from "../../../shards/ports.ts";
import { latencyMs } from "../store/line.ts";
import type { Process } from "../time/process.ts";
import { Edge } from "./edge.ts";
import { type Member, startMember } from "./member.ts";
import type { World } from "./world.ts";

const edgesMax = 2;

/** The processes that live: nodes by their names, and edges. */
export class Cluster {
  readonly members = new Map<string, Member>();
  readonly edges: Edge[] = [];
  readonly #world: World;
  readonly #listeners = new Map<Process, Parameters<Announcer["onMoved"]>[0]>();

  constructor(world: World) {
    this.#world = world;
    for (let n = 1; n <= edgesMax; n += 1) this.edges.push(this.#newEdge(n));
  }

  /** A node's process begins; one of the same name may have died. */
  start(name: string): void {
    const process = this.#world.process(name);
    this.members.set(name, startMember(this.#world, process, this.#announcerOf(process)));
  }

  /** SIGKILL. */
  kill(name: string): void {
    this.members.get(name)?.process.die();
    this.members.delete(name);
  }

  /** SIGTERM, and its end. */
  async stop(name: string): Promise<void> {
    const member = this.members.get(name);
    if (!member) return;
    this.members.delete(name);
    await member.node.stop();
    member.process.die();
  }

  killEdge(n: number): void {
    const edge = this.edges[n];
    if (!edge) return;
    this.edges[n] = this.#newEdge(n + 1);
    edge.process.die();
  }

  /** All that live. */
  get processes(): readonly Process[] {
    return [...this.members.values(), ...this.edges].map(({ process }) => process);
  }

  #newEdge(n: number): Edge {
    return new Edge(this.#world, this.#world.process(`edge-${n}`));
  }

  /** Announcements go through the same network as all else, and are lost in it. */
  #announcerOf(process: Process): Announcer {
    const { agenda, dice, nats } = this.#world;
    return {
      moved: (shards, toNode) => {
        for (const [hearer, listen] of this.#listeners) {
          if (dice.says(nats.weather.drops)) continue;
          agenda.after(latencyMs(dice), () => {
            hearer.hears(0, () => {
              listen(shards, toNode);
            });
          });
        }
      },
      onMoved: (listen) => {
        this.#listeners.set(process, listen);
        return () => {
          this.#listeners.delete(process);
        };
      },
    };
  }
}
