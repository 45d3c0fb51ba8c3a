/** Starts the reading list: `npm run build`, then `node examples/koa/server.ts`. */
import { app } from "./app.ts";

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`The reading list is open: http://localhost:${port}`));
