// Stores without a server: in memory, in cookies, or in a folder of this machine.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Site, uncounted } from "./site.ts";

export function nowhere(): Site {
  return { server: null, fresh: async () => "", count: uncounted, async [Symbol.asyncDispose]() {} };
}

export function inFolders(): Site {
  const all = mkdtempSync(join(tmpdir(), "sojourn-bench-"));
  return {
    server: null,
    async fresh(turn) {
      const folder = join(all, String(turn));
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      return folder;
    },
    count: uncounted,
    async [Symbol.asyncDispose]() {
      rmSync(all, { recursive: true, force: true });
    },
  };
}
