// Stores without a server: in memory, in cookies, or in a folder of this machine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Site, uncounted } from "./site.ts";

export function nowhere(): Site {
  return { server: null, fresh: async () => "", count: uncounted, async [Symbol.asyncDispose]() {} };
}

export function inFolders(): Site {
  let folder: string | null = null;
  const clear = (): void => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  return {
    server: null,
    async fresh() {
      clear();
      folder = mkdtempSync(join(tmpdir(), "sojourn-bench-"));
      return folder;
    },
    count: uncounted,
    async [Symbol.asyncDispose]() {
      clear();
    },
  };
}
