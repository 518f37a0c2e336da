/** One place of the built program, and what it becomes. */
export interface Edit {
  /** Below the folder of the built program. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Deliberate bugs inside the program, each as what is changed in its built files. */
export const patches: Readonly<Record<string, readonly Edit[]>> = {
  "gives back to today's periods": [
    {
      file: "src/domain/give-back.js",
      from: "running[name] ? minus(least(amount, quota.windows[name].used)) : 0n",
      to: "minus(least(amount, quota.windows[name].used))",
    },
  ],
  "has no latch for the second of two equal orders": [
    {
      file: "shards/shelf.js",
      from: "return this.#orders.get(orderKey)?.order;",
      to: "return undefined;",
    },
  ],
  "says that nothing happened when another node may have heard it too": [
    {
      file: "shards/served.js",
      from: "else\n                this.hangUp();",
      to: "",
    },
    {
      file: "src/platform/bus-nats-owner.js",
      from: "if (owns?.() === false)",
      to: "if (owns === null)",
    },
  ],
};
