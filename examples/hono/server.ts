/** Starts it on Node: `npm run build`, then `node examples/hono/server.ts`. */
import { serve } from "@hono/node-server";
import { app } from "./app.ts";

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`Teas to try: http://localhost:${port}`);
});
