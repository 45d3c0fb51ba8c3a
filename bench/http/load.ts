// The process that makes the requests: `load.ts <port> <"awake" or "-">`. Connections that are kept, each with the next request as soon as
// the last was answered; sessions take turns, so that no two requests on their way are of the same one.
import { answer } from "./answering.ts";
import { Connection } from "./connection.ts";
import { CookieJar } from "./cookie-jar.ts";
import { requestOf } from "./requests.ts";
import { checkScenario } from "./scenario.ts";
import { Latencies } from "./stats.ts";
import type { Workload } from "./subject.ts";

export type LoadQuestion =
  | { readonly asks: "check"; readonly workloads: readonly Workload[] }
  /** Signs in until there are that many sessions, or the time is over. */
  | { readonly asks: "sessions"; readonly most: number; readonly seconds: number }
  | Run;

/** Until that many are answered or the time is over; logouts also end with the sessions. */
interface Run {
  readonly asks: "run";
  readonly workload: Workload;
  readonly most: number;
  readonly seconds: number;
}

export interface SignedIn {
  readonly sessions: number;
}

export interface LoadAnswer {
  readonly answered: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
}

const CONNECTIONS = 20;

const port = Number(process.argv[2]);
/** Not where stores' servers share the core: they would wait for it. */
const isAwake = process.argv[3] === "awake";
/** Cookie headers of those signed in. */
const sessions: string[] = [];
let logins = 0;

answer<LoadQuestion>(async (question) => {
  switch (question.asks) {
    case "check":
      return connected(1, ([connection]) => connection && checkScenario(connection, question.workloads));
    case "sessions":
      return connected(CONNECTIONS, (all) => signIn(all, question.most, question.seconds));
    case "run":
      return connected(CONNECTIONS, (all) => awake(run(all, question)));
  }
});
process.send?.({});

/** Connections of its own each time: between the rounds servers close those that are idle. */
async function connected<Result>(
  count: number,
  act: (connections: readonly Connection[]) => Result,
): Promise<Awaited<Result>> {
  const connections = Array.from({ length: count }, () => new Connection(port));
  try {
    return await act(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/**
 * Never sleeps until that is done. A server that wakes its load with each answer pays for that, on a virtual machine a
 * quarter of its time, and the slower one pays more often.
 */
async function awake<Result>(work: Promise<Result>): Promise<Result> {
  let isDone = !isAwake;
  const look = (): void => {
    if (!isDone) setImmediate(look);
  };
  look();
  return work.finally(() => {
    isDone = true;
  });
}

async function signIn(connections: readonly Connection[], most: number, seconds: number): Promise<SignedIn> {
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    connections.map(async (connection) => {
      while (sessions.length < most && performance.now() < until) {
        const jar = new CookieJar();
        const { status, head } = await connection.ask(requestOf("login", "", logins++));
        if (status !== 200) throw new Error(`a login was answered ${status}`);
        jar.take(head);
        sessions.push(jar.toString());
      }
    }),
  );
  return { sessions: sessions.length };
}

function run(connections: readonly Connection[], { workload, most, seconds }: Run): Promise<LoadAnswer> {
  const next = requestsOf(workload);
  const latencies = new Latencies();
  const started = performance.now();
  const until = started + seconds * 1000;
  let [sent, answered, failures] = [0, 0, 0];
  const drive = (connection: Connection): Promise<void> =>
    new Promise((resolve, reject) => {
      const proceed = (): void => {
        const from = performance.now();
        const request = sent < most && from < until ? next() : null;
        if (request === null) {
          resolve();
          return;
        }
        sent++;
        connection.send(
          request,
          (status) => {
            answered++;
            if (status !== 200) failures++;
            latencies.add(performance.now() - from);
            proceed();
          },
          reject,
        );
      };
      proceed();
    });
  return Promise.all(connections.map(drive)).then(() => ({
    answered,
    failures,
    seconds: (performance.now() - started) / 1000,
    p50Millis: latencies.at(0.5),
    p99Millis: latencies.at(0.99),
  }));
}

/** Made before they are sent, but for logins and logouts, of which no two are alike. */
function requestsOf(workload: Workload): () => Buffer | null {
  if (workload === "login") return () => requestOf(workload, "", logins++);
  if (workload === "logout" && logins > 0) {
    return () => {
      const cookie = sessions.pop();
      return cookie === undefined ? null : requestOf(workload, cookie, 0);
    };
  }
  const cookies = workload === "anonymous" || sessions.length === 0 ? [""] : sessions;
  const requests = cookies.map((cookie) => requestOf(workload, cookie, 0));
  let turn = 0;
  return () => requests[turn++ % requests.length] ?? null;
}
