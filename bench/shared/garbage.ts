/** Memory that is surely in use: what the collector leaves. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

export const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use by this process's objects and buffers, after a collection. */
export function liveBytes(): number {
  collectGarbage();
  collectGarbage(); // the memory of buffers that the first one found
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
