import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { REAL_TIME } from "./real-time.ts";

test("what arrived while the process stood still is heard before a deadline that came meanwhile", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [there] = (await once(server, "connection")) as [Socket];
  try {
    const heard: string[] = [];
    client.on("data", () => heard.push("answer"));
    const over = new Promise<void>((resolve) => {
      REAL_TIME.after(1, () => {
        heard.push("deadline");
        resolve();
      });
    });
    there.write("answer");
    const until = REAL_TIME.now() + 20;
    while (REAL_TIME.now() < until); // nothing is heard meanwhile
    await over;
    expect(heard).toEqual(["answer", "deadline"]);
  } finally {
    client.destroy();
    there.destroy();
    server.close();
  }
});
