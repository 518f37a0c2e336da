import { Command, InvalidArgumentError, Option } from "commander";

import type { Config } from "../../src/config.ts";
import type { Claims } from "../../src/platform/token.ts";

const daySeconds = 86_400;
const ttlSecondsMax = 366 * daySeconds;

interface TokenOptions {
  readonly userType: Claims["user_type"];
  readonly tenantId: string;
  readonly userId?: string;
  readonly username?: string;
  readonly role: readonly string[];
  readonly permission: readonly string[];
  readonly ttlSeconds: number;
}

/** `quotactl token`: prints a token signed with JWT_SECRET, or with the development secret outside production. */
export function tokenCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("token")
    .description(
      "print a token, signed with JWT_SECRET (outside production: or a development secret)",
    )
    .addOption(
      new Option("--user-type <type>", "who it is for")
        .choices(["service", "admin", "merchant"])
        .makeOptionMandatory(),
    )
    .option("--tenant-id <merchant>", "the merchant, required for --user-type merchant", "")
    .option("--user-id <id>", "who is named in the logs; by default quotactl-<user type>")
    .option("--username <name>", "by default the user id")
    .option("--role <role...>", "roles", [])
    .option("--permission <permission...>", "such as quota:read, quota:write, quota:admin", [])
    .option("--ttl-seconds <seconds>", "valid for so long", seconds, daySeconds)
    .action(async (options: TokenOptions, command: Command) => {
      if (options.userType === "merchant" && options.tenantId === "") {
        command.error(
          "a merchant's token needs --tenant-id <merchant>: name the merchant it may read",
        );
      }
      const { jwtSecret } = config();
      const { signToken } = await import("../../src/platform/token.ts");
      print(signToken(jwtSecret, claimsOf(options), options.ttlSeconds));
    });
}

function claimsOf({
  userType,
  tenantId,
  userId,
  username,
  role,
  permission,
}: TokenOptions): Claims {
  const user = userId ?? `quotactl-${userType}`;
  return {
    user_id: user,
    tenant_id: tenantId,
    username: username ?? user,
    user_type: userType,
    roles: [...role],
    permissions: [...permission],
  };
}

function seconds(text: string): number {
  const count = Number(text);
  if (/^[1-9][0-9]*$/.test(text) && count <= ttlSecondsMax) return count;
  throw new InvalidArgumentError(`Give whole seconds, 1 to ${ttlSecondsMax}.`);
}
