/** All that a server keeps under a prefix: keys, values and members, as somebody finds it who takes its memory. */
import { Redis } from "ioredis";

export async function remainsIn(port: number, prefix: string): Promise<readonly Uint8Array[]> {
  const client = new Redis({ port, host: "127.0.0.1" });
  try {
    const keys = (await client.keysBuffer("*")).filter((key) => key.toString("latin1").startsWith(prefix));
    const found: Uint8Array[] = [...keys];
    for (const key of keys) {
      const type = await client.type(key);
      if (type === "zset") found.push(...(await client.zrangeBuffer(key, "0", "-1")));
      else found.push((await client.getBuffer(key)) ?? Buffer.alloc(0));
    }
    return found;
  } finally {
    client.disconnect();
  }
}

/** Removes all keys under a prefix, which has no characters that mean more than themselves to SCAN. */
export async function forgetIn(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 512 })) {
      if (keys.length > 0) await client.del(...keys);
    }
  } finally {
    client.disconnect();
  }
}
