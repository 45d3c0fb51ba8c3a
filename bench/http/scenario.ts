// One browser's way through all workloads, before any is measured: what does not work is not measured either.
import type { Connection } from "./connection.ts";
import { CookieJar } from "./cookie-jar.ts";
import { requestOf } from "./requests.ts";
import type { Workload } from "./subject.ts";

const SIGNED_IN = '{"user":"user-0","theme":"dark"}';
const VISITOR = '{"user":null,"theme":null}';
const DONE = '{"ok":true}';

const STEPS: readonly (readonly [workload: Workload, body: string])[] = [
  ["anonymous", VISITOR],
  ["login", DONE],
  ["untouched", DONE],
  ["read", SIGNED_IN],
  ["write", '{"visits":1}'],
  ["write", '{"visits":2}'],
  ["read", SIGNED_IN],
  ["logout", DONE],
  ["read", VISITOR],
];

/** Throws where an answer is another than expected. `able`: the workloads that are to be checked, beside the login. */
export async function checkScenario(connection: Connection, able: readonly Workload[]): Promise<void> {
  const jar = new CookieJar();
  for (const [workload, expected] of STEPS) {
    if (workload !== "login" && !able.includes(workload)) continue;
    const cookie = workload === "anonymous" || workload === "login" ? "" : jar.toString();
    const { status, head, body } = await connection.ask(requestOf(workload, cookie, 0));
    jar.take(head);
    if (status !== 200 || body !== expected) {
      throw new Error(`${workload} was answered ${status} ${body} instead of 200 ${expected}`);
    }
  }
}
