// The demo on each store, by the one variable STORE: as a process of its own, asked over HTTP.
import { randomBytes } from "node:crypto";
import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { expect, test } from "vitest";
import { type Demo, runDemo, startDemo } from "../browser/support/demo.ts";
import { Browser } from "../docs/support/client.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findMariaDb, startMariaDb } from "../support/servers/mariadb.ts";
import { server } from "../support/servers/postgres.ts";
import { findRedisServer, startRedis } from "../support/servers/redis.ts";

const ADA = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

async function onDemo(env: Record<string, string>, act: (demo: Demo) => Promise<void>): Promise<void> {
  const demo = await startDemo(env);
  try {
    await act(demo);
  } finally {
    await demo.dispose();
  }
}

/** Signs up, restarts the demo, and looks who is there. Answers what it printed the first time. */
async function signUpAndRestart(demo: Demo): Promise<{ printed: string; isSignedIn: boolean }> {
  const browser = new Browser(demo.url);
  expect((await browser.post("/sign-up", ADA)).status).toBe(303);
  expect((await browser.get("/devices")).status).toBe(200);
  const printed = await demo.stop("SIGTERM");
  expect(printed).toContain("Closed.");
  await demo.start();
  return { printed, isSignedIn: (await browser.get("/devices")).status === 200 };
}

async function expectKept(STORE: string, place: RegExp): Promise<void> {
  await onDemo({ STORE }, async (demo) => {
    const { printed, isSignedIn } = await signUpAndRestart(demo);
    expect(printed).toMatch(place);
    expect(isSignedIn).toBe(true);
  });
}

test("without STORE, sessions are kept in SQLite in the data folder", () =>
  onDemo({}, async (demo) => {
    const { printed, isSignedIn } = await signUpAndRestart(demo);
    expect(printed).toContain(`Sessions are kept in SQLite: ${demo.dataFolder}/sessions.db`);
    expect(isSignedIn).toBe(true);
  }));

test("file: keeps them in files", () => expectKept("file:", /Sessions are kept in files: \S+\/sessions\n/));

test("memory: forgets them with the process, and promises nothing else", () =>
  onDemo({ STORE: "memory:" }, async (demo) => {
    const { printed, isSignedIn } = await signUpAndRestart(demo);
    expect(printed).toContain("Sessions are kept in memory: until this server stops");
    expect(printed).not.toContain("still signed in");
    expect(isSignedIn).toBe(false);
  }));

test("cookie: leaves them with the browsers, which can be signed out all the same", () =>
  onDemo({ STORE: "cookie:" }, async (demo) => {
    const { printed, isSignedIn } = await signUpAndRestart(demo);
    expect(printed).toContain("Sessions are kept in the cookies of each browser");
    expect(isSignedIn).toBe(true);
    const [here, there] = [new Browser(demo.url), new Browser(demo.url)];
    for (const browser of [here, there]) expect((await browser.post("/sign-in", ADA)).status).toBe(303);
    expect((await here.post("/devices/sign-out-others")).status).toBe(303);
    expect((await here.get("/devices")).status).toBe(200);
    expect((await there.get("/devices")).status).not.toBe(200);
  }));

requireOrExplain("redis-server", findRedisServer)("redis://", (program) => {
  test("keeps them in Redis, and prints no password", async () => {
    await using redis = await startRedis(program); // takes any password
    const address = `127.0.0.1:${redis.port}`;
    await expectKept(
      `redis://:secret@${address}`,
      new RegExp(`Sessions are kept in Redis: redis://${address}\n`),
    );
  });
});

requireOrExplain("a PostgreSQL server", () => server)("postgres://", (url) => {
  test("keeps them in PostgreSQL", async () => {
    const admin = new Client({ connectionString: url });
    await admin.connect();
    const database = `sojourn_demo_${randomBytes(4).toString("hex")}`;
    await admin.query(`CREATE DATABASE ${database}`);
    try {
      const own = new URL(url);
      own.pathname = `/${database}`;
      await expectKept(
        own.href,
        new RegExp(`Sessions are kept in PostgreSQL: postgres://\\S+/${database}\n`),
      );
    } finally {
      await admin.query(`DROP DATABASE ${database}`);
      await admin.end();
    }
  });
});

requireOrExplain("mariadbd", findMariaDb)("mysql://", (programs) => {
  test("keeps them in MySQL or MariaDB", async () => {
    await using mariadb = await startMariaDb(programs, "--innodb-flush-log-at-trx-commit=0");
    const connection = await createConnection(mariadb.url);
    await connection.query("CREATE DATABASE wayside");
    await connection.end();
    const address = `127.0.0.1:${mariadb.port}/wayside`;
    await expectKept(
      `mysql://root@${address}`,
      new RegExp(`Sessions are kept in MySQL: mysql://${address}\n`),
    );
  });
});

const NO_DRIVER = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({ resolve(name, context, next) {
    if (name === "redis") throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  } });`)}`;

const mistakes: readonly (readonly [what: string, env: Record<string, string>, says: string])[] = [
  [
    "an unknown kind",
    { STORE: "mongodb://ada:pw@db" },
    "STORE must begin with sqlite:, file:, memory:, cookie:",
  ],
  [
    "an unreachable server",
    { STORE: "redis://ada:pw@127.0.0.1:1" },
    "redis://127.0.0.1:1 cannot be used: connect ECONNREFUSED",
  ],
  [
    "an unreachable database",
    { STORE: "postgres://ada:pw@127.0.0.1:1/x" },
    "postgres://127.0.0.1:1/x cannot be used: connect ECONNREFUSED",
  ],
  [
    "an impossible place",
    { STORE: "sqlite:/dev/null/sessions.db" },
    "Sessions cannot be kept in SQLite: /dev/null/sessions.db",
  ],
  ["a password with signs in it", { STORE: "mongodb://ada:a/pw@pw@db" }, 'but it is "mongodb://db"'],
  [
    "a password behind the name",
    { STORE: "postgres://127.0.0.1:1/x?user=ada&password=pw" },
    "postgres://127.0.0.1:1/x cannot be used: connect ECONNREFUSED",
  ],
  ["a missing library", { STORE: "redis://127.0.0.1:1", NODE_OPTIONS: NO_DRIVER }, "npm install redis"],
];
test.each(mistakes)("%s is told in a sentence", async (_, env, says) => {
  const { code, output } = await runDemo({ PORT: "0", ...env });
  expect(output).toContain(says);
  expect(output).not.toMatch(/\bpw\b|\n\s+at /);
  expect(code).toBe(1);
});
