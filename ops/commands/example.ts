import type { Command } from "commander";

/** What people do with each command, as they type it behind `quotactl`. Each is tried by a test. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  token: [
    "token --user-type admin",
    "token --user-type merchant --tenant-id merchant-1 --ttl-seconds 3600",
    "token --user-type service --user-id gateway --permission quota:read",
  ],
  migrate: ["migrate"],
  nodes: ["nodes", "nodes --json"],
  shards: ["shards list --unsettled", "shards drain shard-2 --dry-run"],
  "shards list": ["shards list --node shard-1", "shards list --unsettled --json"],
  "shards show": ["shards show 5", "shards show merchant-1 USD"],
  "shards watch": ["shards watch", "shards watch --for 60 --json"],
  "shards move": ["shards move 5 --to shard-2", "shards move 5 --to shard-2 --dry-run"],
  "shards pin": ["shards pin 5 --to shard-2"],
  "shards unpin": ["shards unpin 5"],
  "shards drain": ["shards drain shard-2", "shards drain shard-2 --undo --yes"],
  "shards rebalance": ["shards rebalance --dry-run", "shards rebalance --max-moves 4 --yes"],
  health: ["health", "health --json"],
  alerts: ["alerts list-deliveries --failed"],
  "alerts list-deliveries": [
    "alerts list-deliveries --failed",
    "alerts list-deliveries --alert 0199a1de-0000-7000-8000-000000000001 --json",
  ],
  "alerts resend": [
    "alerts resend 0199a1de-0000-7000-8000-000000000001",
    "alerts resend 0199a1de-0000-7000-8000-000000000001 --target https://example.com/alerts",
  ],
  "migrate-legacy": [
    "migrate-legacy --from postgres://reader:secret@10.0.0.5:5432/limits --dry-run --export-policies policies.json",
    "migrate-legacy --from postgres://reader:secret@10.0.0.5:5432/limits --currency EUR --apply",
  ],
  verify: [
    "verify",
    "verify --against orders.csv",
    "verify --print-heads",
    "verify --heads heads.txt",
  ],
  demo: ["demo", "demo --merchants 50 --rate 20", "demo --url http://127.0.0.1:40022"],
  completion: ["completion bash"],
};

/** Shows a command's examples below its help. */
export function withExamples(command: Command, path: string): void {
  const lines = examples[path] ?? [];
  if (lines.length === 0) return;
  const text = lines.map((line) => `  quotactl ${line}`).join("\n");
  command.addHelpText("after", `\nExamples:\n${text}`);
}
