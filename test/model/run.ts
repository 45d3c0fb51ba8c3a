/**
 * Explores the model from the command line, further than the tests do.
 *
 *   npm run model -- [--scenario name,name] [--layout "one process"] [--cap 50000] [--samples 5000] [--seed 1]
 *   npm run model -- --scenario name --layout "one process" --replay 0,1,0,2
 *   npm run model -- --faults 2 ...          (for scenarios with faults: how many in one run)
 *   npm run model -- --mutant "part of its name" ...
 */
import { parseArgs } from "node:util";
import { explore, type Findings, following, type Violation } from "./explorer.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { play, prepare, rulesOf, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "" },
    layout: { type: "string", default: "" },
    cap: { type: "string", default: "50000" },
    samples: { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
    replay: { type: "string" },
    mutant: { type: "string" },
    faults: { type: "string" },
  },
});

const mutant = values.mutant === undefined ? null : pickMutant(values.mutant);
const chosen = pickScenarios(values.scenario)
  .map(withFaults)
  .flatMap((scenario) =>
    scenario.layouts
      .filter((layout) => layout.startsWith(values.layout))
      .map((layout) => ({ scenario, layout })),
  );

if (values.replay !== undefined) await replay(values.replay);
else await exploreAll();

async function exploreAll(): Promise<void> {
  let runs = 0;
  let violations = 0;
  for (const { scenario, layout } of chosen) {
    const from = process.cpuUsage();
    const findings = await explore(scenario, {
      layout,
      cap: Number(values.cap),
      samples: Number(values.samples),
      seed: Number(values.seed),
      mutant,
    });
    runs += findings.runs;
    violations += findings.violations.size;
    print(findings, process.cpuUsage(from).user / 1e6);
  }
  console.log(`\n${chosen.length} explorations, ${runs} runs, ${violations} violations`);
  process.exitCode = violations === 0 ? 0 : 1;
}

function print(findings: Findings, seconds: number): void {
  const { scenario, layout, runs, isExhaustive, violations, residuals, notes } = findings;
  const coverage = isExhaustive ? "every order" : `first orders, then seed ${values.seed}`;
  console.log(`${scenario}, ${layout}: ${runs} runs (${coverage}), ${seconds.toFixed(1)} s`);
  for (const [note, count] of notes) console.log(`    ${note}: ${count}`);
  for (const [problem, { count }] of residuals) console.log(`    known: ${problem}: ${count}`);
  for (const [problem, violation] of violations) printViolation(findings, problem, violation);
}

function printViolation({ scenario, layout }: Findings, problem: string, violation: Violation): void {
  console.log(`    VIOLATION: ${problem}: ${violation.count}. The shortest:`);
  for (const line of violation.trace) console.log(`        ${line}`);
  const more = `${mutant ? ` --mutant "${mutant.name}"` : ""}${values.faults ? ` --faults ${values.faults}` : ""}`;
  const replayed = `--scenario ${scenario} --layout "${layout}" --replay ${violation.choices.join(",")}`;
  console.log(`      npm run model -- ${replayed}${more}`);
}

async function replay(list: string): Promise<void> {
  const [only] = chosen;
  if (!only || chosen.length > 1) throw new Error("--replay takes one --scenario and one --layout");
  const rules = rulesOf(only.scenario, only.layout, mutant);
  const choices = list.split(",").map(Number);
  const world = await play(only.scenario, rules, await prepare(only.scenario, rules), following(choices));
  for (const line of world?.trace ?? []) console.log(line);
  for (const visit of world?.visits ?? []) {
    console.log(`${visit.name}: found ${visit.found || "nothing"}, answered ${visit.status}`);
  }
  console.log(world?.violation ?? "no violation");
}

function pickScenarios(names: string): readonly Scenario[] {
  if (names === "") return SCENARIOS;
  return names.split(",").map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new Error(
      `no scenario ${name}. There is: ${SCENARIOS.map((scenario) => scenario.name).join(", ")}`,
    );
  });
}

function withFaults(scenario: Scenario): Scenario {
  return values.faults === undefined || !scenario.kinds
    ? scenario
    : { ...scenario, faults: Number(values.faults) };
}

function pickMutant(part: string): Mutant {
  const found = MUTANTS.find((known) => known.name.includes(part));
  if (found) return found;
  throw new Error(`no mutant ${part}. There is: ${MUTANTS.map((known) => known.name).join("; ")}`);
}
