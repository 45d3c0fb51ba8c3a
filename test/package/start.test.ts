// `npm start` in a small repository with our scripts: whoever stops npm must stop the demo, and the demo is asked first.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../support/consumer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-start-"));
  for (const path of ["scripts", "examples/demo"]) mkdirSync(join(folder, path), { recursive: true });
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", scripts }));
  writeFileSync(join(folder, "scripts/setup.mjs"), "console.log('setup', ...process.argv.slice(2));");
  writeFileSync(
    join(folder, "examples/demo/server.ts"),
    `const port: string | undefined = process.env.PORT;
     for (const signal of ["SIGINT", "SIGTERM"] as const) {
       process.once(signal, () => { console.log("asked with", signal); process.exit(0); });
     }
     const alive = setInterval(() => {}, 1000);
     console.log("listening on", process.env.HOST, port, process.pid);`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["SIGINT", "SIGTERM"] as const)("%s sent to npm reaches the demo", async (signal) => {
  const env = { ...process.env, PORT: "4321", HOST: "0.0.0.0" };
  const npm = spawn("npm", ["start"], { cwd: folder, env });
  let output = "";
  const demo = await new Promise<number>((listening, failed) => {
    npm.once("exit", () => failed(new Error(output)));
    npm.stderr.on("data", (chunk) => {
      output += chunk;
    });
    npm.stdout.on("data", (chunk) => {
      output += chunk;
      const pid = /listening on 0\.0\.0\.0 4321 (\d+)/.exec(output)?.[1];
      if (pid !== undefined) listening(Number(pid));
    });
  });
  const closed = new Promise((done) => npm.once("close", done)); // after npm and demo have both let go of the pipe
  npm.kill(signal);
  await closed;
  expect(output).toContain("setup --build");
  expect(output).toContain(`asked with ${signal}`);
  expect(() => process.kill(demo, 0)).toThrow("ESRCH");
});
