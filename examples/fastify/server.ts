/** A small application on Fastify: `node examples/fastify/server.ts`, after `npm run build`. */
import { app } from "./app.ts";
import { sessions } from "./sessions.ts";

for (const warning of await sessions.ready()) console.warn(warning); // fails here if the store cannot be opened
app.addHook("onClose", () => sessions.close());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port });
console.log(`What is for dinner? http://localhost:${port}`);
