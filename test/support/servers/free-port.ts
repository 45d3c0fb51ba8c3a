import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below what systems draw for outgoing connections, so that none of these takes it before the server does. */
const [LOWEST, HIGHEST] = [15_000, 32_000] as const;

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false; // somebody else's
  }
  server.close();
  await once(server, "close");
  return true;
}
