// A process that takes the folder of a file store and keeps it.
import { fileStore } from "../../../src/stores/file.ts";

const [folder = ""] = process.argv.slice(2);
try {
  await fileStore(folder).open();
  process.send?.("taken");
} catch (error) {
  process.send?.(error instanceof Error ? error.message : "failed");
}
process.on("message", () => {}); // keeps it running until its parent goes
