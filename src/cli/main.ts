#!/usr/bin/env node
/** The command `sojourn`. Everything it does is in run.ts, where tests reach it without a process. */
import { run } from "./run.ts";

process.exitCode = run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  isInteractive: process.stdout.isTTY,
});
