import type { ConformanceCapabilities, ConformanceHarness } from "./harness.js";
import { Scenario } from "./scenario.js";

/**
 * What {@link ConformanceCase.run} resolves with. A skipped case has proved nothing: show the
 * reason.
 */
export type ConformanceOutcome = "passed" | `skipped: ${string}`;

/** One promise of the leaf contract, as a test for any runner. */
export interface ConformanceCase {
  /** A sentence that says what holds; unique in the suite. */
  readonly name: string;
  /**
   * Rejects when the promise is broken. Cases are independent of each other and run in any order,
   * one at a time per harness.
   */
  readonly run: () => Promise<ConformanceOutcome>;
}

/** A capability that a case needs, or, with `!`, one that must be missing. */
export type Need = keyof ConformanceCapabilities | `!${keyof ConformanceCapabilities}`;

/** A case that has not been given its harness. */
export interface CaseDefinition {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly body: (scenario: Scenario) => Promise<void>;
}

/** Defines a case. */
export function define(
  name: string,
  body: (scenario: Scenario) => Promise<void>,
  ...needs: readonly Need[]
): CaseDefinition {
  return { name, body, needs };
}

/** Gives a case its harness. */
export function bind(
  definition: CaseDefinition,
  createHarness: () => ConformanceHarness,
): ConformanceCase {
  return {
    name: definition.name,
    async run() {
      const harness = createHarness();
      const missing = definition.needs.find((need) => !isMet(need, harness.capabilities));
      if (missing !== undefined) return `skipped: the case needs ${missing}`;
      const scenario = new Scenario(harness);
      try {
        await definition.body(scenario);
      } catch (error) {
        // What went wrong first is what matters.
        await scenario.clear().catch(() => undefined);
        throw error;
      }
      await scenario.clear();
      return "passed";
    },
  };
}

function isMet(need: Need, capabilities: ConformanceCapabilities): boolean {
  const absent = need.startsWith("!");
  const capability = (absent ? need.slice(1) : need) as keyof ConformanceCapabilities;
  return (capabilities[capability] ?? true) !== absent;
}
