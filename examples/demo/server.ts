/** The demonstration of Sojourn: `npm start`. Opens the shop, says where and what to try, closes it in good order. */
import { createServer } from "node:http";
import { activity } from "./activity.ts";
import { createApp } from "./app.ts";
import { sessions } from "./sessions.ts";
import { dataFolder, host, port, quit } from "./settings.ts";
import { disconnect, place, store } from "./store.ts";
import { users } from "./users.ts";

for (const warning of await sessions.ready().catch(unusable)) console.warn(warning);

const isKept = store.guarantees.durable !== "no";
const server = createServer(createApp());

server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EADDRINUSE") {
    console.error(
      `Port ${port} is taken. Stop what uses it, or choose another one: PORT=${port + 1} npm start`,
    );
  } else if (error.code === "EACCES") {
    console.error(`Port ${port} is not allowed for this user. Choose one above 1023: PORT=3000 npm start`);
  } else {
    console.error(`The shop cannot open at ${host}:${port}: ${error.message}`);
  }
  process.exit(1);
});

server.listen(port, host, () => {
  const address = server.address();
  const opened = typeof address === "object" && address !== null ? address.port : port;
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  const url = `http://${name}:${opened}`;
  console.log(`
Wayside, the demo shop of Sojourn, is open: ${url}

What to try (${url}/try explains each step):
  - Fill the cart, then sign up: the cart comes along.
  - Add packets in two tabs at the same time: nothing is lost.
  - Sign in from a second browser, then sign it out under "Your devices".
${isKept ? "  - Stop this server (Ctrl-C) and start it again: you are still signed in.\n" : ""}
Accounts are kept in ${dataFolder}
Sessions are kept in ${place}
`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, shutDown);

/** Lets running requests finish, for three seconds at most; a second signal ends it at once. */
function shutDown(): void {
  console.log("Closing the shop ...");
  setTimeout(() => server.closeAllConnections(), 3_000).unref();
  server.close(() => {
    users.close();
    activity.close();
    sessions
      .close()
      .then(disconnect)
      .then(() => console.log(isKept ? "Closed. Everybody is still signed in next time." : "Closed."))
      .catch(console.error);
  });
}

/** Such as a database whose role may make no tables. */
function unusable(error: unknown): never {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return quit(
    `Sessions cannot be kept in ${place}: ${cause instanceof Error ? cause.message : String(cause)}`,
  );
}
