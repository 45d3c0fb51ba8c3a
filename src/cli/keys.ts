/** `sojourn keys`: makes keys, and says how to change them while sessions live. */
import { parseArgs } from "node:util";
import { createKeyRing, newKey, splitKeys } from "../core/key-ring.ts";
import { HELP } from "./help.ts";
import { rotationSteps } from "./rotation-steps.ts";
import { EXIT, type ExitCode, type Terminal, UsageError } from "./terminal.ts";

const DEFAULT_VARIABLE = "SESSION_KEYS";

export function keys(args: readonly string[], terminal: Terminal): ExitCode {
  const { values, positionals } = parse(args);
  const [action, ...others] = positionals;
  if (values.help === true) {
    terminal.out(HELP.keys);
    return EXIT.ok;
  }
  if (others.length > 0) throw new UsageError(`keys does not know what to do with ${list(others)}`, "keys");
  if (action === "rotate") return rotate(values.env ?? DEFAULT_VARIABLE, terminal);
  if (action !== undefined)
    throw new UsageError(`keys does not know what to do with ${list([action])}`, "keys");
  if (values.env !== undefined) throw new UsageError("--env belongs to keys rotate", "keys");
  terminal.out(`${newKey()}\n`);
  if (terminal.isInteractive) {
    terminal.err(
      "\nKeep it where you keep passwords, and give it to your server as SESSION_KEYS. Whoever has it can read\n" +
        "encrypted sessions; without it nobody can. To change it later: npx sojourn keys rotate\n",
    );
  }
  return EXIT.ok;
}

function rotate(variable: string, terminal: Terminal): ExitCode {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new UsageError(`${JSON.stringify(variable)} cannot be the name of a variable`, "keys");
  }
  const present = terminal.env[variable];
  if (present !== undefined) createKeyRing(present, "check", variable);
  const count = present === undefined ? null : splitKeys(present).length;
  terminal.out(rotationSteps(variable, newKey(), count));
  return EXIT.ok;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { env: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UsageError(message, "keys");
  }
}

function list(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(" ");
}
