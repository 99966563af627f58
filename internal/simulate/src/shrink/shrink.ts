import type { Outcome, Plan, Simulation, Step, Violation } from "../core/plan.js";

/** How much a shrink may try. */
export interface ShrinkLimits {
  /** Runs. Default 600. */
  readonly runs?: number | undefined;
  /** Real milliseconds. Default 60 000. */
  readonly ms?: number | undefined;
}

/** The shortest plan that was found, and its run. */
export interface Shrunk {
  readonly plan: Plan;
  readonly outcome: Outcome;
  readonly violation: Violation;
  readonly runs: number;
}

/**
 * Looks for the shortest plan that breaks the same invariant: first fewer steps, in halves and ever
 * smaller parts (delta debugging); then smaller numbers in the steps and in the setup.
 *
 * @throws RangeError when the plan breaks none
 */
export async function shrink(
  simulation: Simulation,
  plan: Plan,
  limits: ShrinkLimits = {},
): Promise<Shrunk> {
  const search = new Search(simulation, limits);
  const first = await search.begin(plan);
  if (first === undefined)
    throw new RangeError(`the plan of seed ${plan.seed} breaks no invariant`);
  await search.endEarly();
  await search.dropSteps();
  await search.lowerNumbers();
  await search.dropSteps();
  return search.best;
}

class Search {
  readonly #simulation: Simulation;
  readonly #maxRuns: number;
  readonly #until: number;
  #runs = 0;
  #best: Shrunk | undefined;

  constructor(simulation: Simulation, { runs = 600, ms = 60_000 }: ShrinkLimits) {
    this.#simulation = simulation;
    this.#maxRuns = runs;
    this.#until = performance.now() + ms;
  }

  get best(): Shrunk {
    if (this.#best === undefined) throw new Error("begin() comes first");
    return { ...this.#best, runs: this.#runs };
  }

  get #plan(): Plan {
    return this.best.plan;
  }

  async begin(plan: Plan): Promise<Shrunk | undefined> {
    await this.#accepts(plan);
    return this.#best;
  }

  /** Steps behind the violation change nothing. */
  async endEarly(): Promise<void> {
    const { at } = this.best.violation;
    const steps = this.#plan.steps.filter((step) => step.at <= at);
    await this.#accepts({ ...this.#plan, steps });
    const lengthMs = Math.min(this.#plan.lengthMs, Math.ceil(at) + 1);
    await this.#accepts({ ...this.#plan, lengthMs });
  }

  async dropSteps(): Promise<void> {
    for (let size = Math.ceil(this.#plan.steps.length / 2); size >= 1; size = halved(size)) {
      for (let from = 0; from < this.#plan.steps.length; ) {
        const { steps } = this.#plan;
        const fewer = [...steps.slice(0, from), ...steps.slice(from + size)];
        if (!(await this.#accepts({ ...this.#plan, steps: fewer }))) from += size;
      }
    }
  }

  async lowerNumbers(): Promise<void> {
    for (let i = 0; i < this.#plan.steps.length; i++) {
      await this.#lowerIn(this.#plan.steps[i]?.action ?? { kind: "" }, (action) => ({
        ...this.#plan,
        steps: this.#plan.steps.map((step, at): Step => (at === i ? { ...step, action } : step)),
      }));
    }
    await this.#lowerIn(this.#plan.setup, (setup) => ({ ...this.#plan, setup }));
  }

  /** Tries halves of every number in a value, as long as the invariant stays broken. */
  async #lowerIn<T>(value: T, into: (value: T) => Plan): Promise<void> {
    for (const path of numberPaths(value)) {
      for (;;) {
        const number = at(value, path);
        const lower = Math.trunc(number / 2);
        if (lower === number) break;
        const changed = withNumber(value, path, lower) as T;
        if (!(await this.#accepts(into(changed)))) break;
        value = changed;
      }
    }
  }

  /** Runs a plan, and keeps it if it breaks the same invariant. */
  async #accepts(plan: Plan): Promise<boolean> {
    if (this.#runs >= this.#maxRuns || performance.now() > this.#until) return false;
    this.#runs++;
    const outcome = await this.#runOf(plan);
    const violation = outcome?.violation;
    if (outcome === undefined || violation === undefined) return false;
    if (this.#best !== undefined && violation.invariant !== this.#best.violation.invariant)
      return false;
    this.#best = { plan, outcome, violation, runs: this.#runs };
    return true;
  }

  /** `undefined` for a shrunk plan that cannot run, as one with a number that options refuse. */
  async #runOf(plan: Plan): Promise<Outcome | undefined> {
    if (this.#best === undefined) return this.#simulation.run(plan);
    try {
      return await this.#simulation.run(plan);
    } catch {
      return undefined;
    }
  }
}

function halved(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

type Path = readonly string[];

function numberPaths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numberPaths(inner, [...path, key]));
}

function at(value: unknown, path: Path): number {
  let found = value;
  for (const key of path) found = (found as Readonly<Record<string, unknown>>)[key];
  return Number(found);
}

function withNumber(value: unknown, [key, ...rest]: Path, number: number): unknown {
  if (key === undefined) return number;
  const object = value as Readonly<Record<string, unknown>>;
  const changed = withNumber(object[key], rest, number);
  if (Array.isArray(value))
    return value.map((item: unknown, i) => (String(i) === key ? changed : item));
  return { ...object, [key]: changed };
}
