// The matrix: what is run, and by which name it is chosen.
import { readdirSync, readFileSync } from "node:fs";
import { WORKLOADS } from "./results.ts";
import type { Store, Subject, Workload } from "./subject.ts";

export interface Plan {
  /** In `subjects/`, without `.ts`. */
  readonly file: string;
  readonly subject: Subject;
  readonly version: string;
  readonly store: Store | null;
  readonly workload: Workload;
}

/** Such as "sojourn Express 5 memory read". */
export function nameOf({ subject, store, workload }: Plan): string {
  return [subject.library, subject.framework, store, workload].filter((part) => part !== null).join(" ");
}

/** All cells, those beside each other that are compared with each other. */
export async function allPlans(): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  for (const entry of readdirSync(new URL("subjects/", import.meta.url)).sort()) {
    const file = entry.replace(/\.ts$/, "");
    const { subject }: { subject: Subject } = await import(`./subjects/${entry}`);
    const { library, framework, stores, workloads = WORKLOADS } = subject;
    const version = versionOf(library === "bare" ? packageOf(framework) : library);
    for (const store of library === "bare" ? [null] : stores) {
      for (const workload of workloads) plans.push({ file, subject, version, store, workload });
    }
  }
  const rank = ({ subject, workload, store }: Plan): string =>
    [subject.framework, WORKLOADS.indexOf(workload), store ?? ""].join();
  return plans.sort((one, other) => rank(one).localeCompare(rank(other)));
}

/** Those whose name has every word of `only`, and the bare framework beside each. */
export function choose(plans: readonly Plan[], only: string): readonly Plan[] {
  const words = only.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = plans.filter((plan) => {
    const name = nameOf(plan).toLowerCase().split(" ");
    return words.every((word) => name.includes(word));
  });
  const beside = new Set(chosen.map(baseOf));
  return plans.filter(
    (plan) => chosen.includes(plan) || (plan.subject.library === "bare" && beside.has(baseOf(plan))),
  );
}

/** What a cell and the bare framework beside it have in common. */
function baseOf({ subject, workload }: Plan): string {
  return `${subject.framework} ${workload}`;
}

/** Those that are compared with each other, on one store, and the bare framework in front of each. */
export function groupsOf(plans: readonly Plan[]): readonly (readonly Plan[])[] {
  const bare = new Map(plans.filter(({ store }) => store === null).map((plan) => [baseOf(plan), plan]));
  const groups = Map.groupBy(
    plans.filter(({ store }) => store !== null),
    (plan) => `${baseOf(plan)} ${plan.store}`,
  );
  const alone = [...bare].filter(([base]) => ![...groups.keys()].some((key) => key.startsWith(`${base} `)));
  const led = [...groups.values()].map((group) => {
    const first = group[0] && bare.get(baseOf(group[0]));
    return first ? [first, ...group] : group;
  });
  return [...led, ...alone.map(([, plan]) => [plan])];
}

function packageOf(framework: string): string | null {
  return framework === "node:http" ? null : (framework.split(" ")[0]?.toLowerCase() ?? null);
}

function versionOf(library: string | null): string {
  if (library === null) return process.versions.node;
  const folder = library === "sojourn" ? "../../" : `../../node_modules/${library}/`;
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL(`${folder}package.json`, import.meta.url), "utf8"),
  );
  return manifest.version;
}
