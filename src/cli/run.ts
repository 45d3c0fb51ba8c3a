/** From the words of a command line to the command they name. */
import { readFileSync } from "node:fs";
import { HELP } from "./help.ts";
import { keys } from "./keys.ts";
import { EXIT, type ExitCode, type Terminal, UsageError } from "./terminal.ts";

type Command = (args: readonly string[], terminal: Terminal) => ExitCode;

const COMMANDS: ReadonlyMap<string, Command> = new Map([["keys", keys]]);

/** Runs one command and answers its exit code. Never throws. */
export function run(args: readonly string[], terminal: Terminal): ExitCode {
  const [name, ...rest] = args;
  try {
    if (name === undefined) throw new UsageError("which command?", "sojourn");
    if (name === "--help" || name === "-h" || name === "help") {
      terminal.out(HELP.sojourn);
      return EXIT.ok;
    }
    if (name === "--version" || name === "-v") {
      terminal.out(`${version()}\n`);
      return EXIT.ok;
    }
    const command = COMMANDS.get(name);
    if (!command) throw new UsageError(`there is no command ${JSON.stringify(name)}`, "sojourn");
    return command(rest, terminal);
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^Option /, "") : String(error);
    terminal.err(`sojourn: ${message}\n`);
    if (!(error instanceof UsageError)) return EXIT.failed;
    terminal.err(`Try: npx ${error.command === "sojourn" ? "" : "sojourn "}${error.command} --help\n`);
    return EXIT.usage;
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}
