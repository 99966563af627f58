import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ClassifyRule } from "../../src/core/default-classify.js";
import { DEFAULT_RULES } from "../../src/core/default-classify.js";
import { TRANSITIONS } from "../../src/core/supervisor-table.js";

/** What is used of `scripts/state-diagram.js`, which is plain JavaScript. */
interface Script {
  readonly RECORD: string;
  renderStates(table: typeof TRANSITIONS): string;
  renderRules(rules: readonly ClassifyRule[]): string;
  withGenerated(record: string, table: typeof TRANSITIONS, rules: readonly ClassifyRule[]): string;
}

const script = (await import(
  new URL("../../../../scripts/state-diagram.js", import.meta.url).href
)) as Script;

describe("the generated parts of ADR-0033", () => {
  it("are up to date (if not: npm run build && node scripts/state-diagram.js --write)", () => {
    const record = readFileSync(script.RECORD, "utf8");
    expect(script.withGenerated(record, TRANSITIONS, DEFAULT_RULES)).toBe(record);
  });

  it("have an arrow or an entry for every cell of the table", () => {
    const drawn = script.renderStates(TRANSITIONS);
    for (const [from, row] of Object.entries(TRANSITIONS)) {
      for (const [input, step] of Object.entries(row)) {
        const cell =
          step === "ignore"
            ? new RegExp(`^- \`${from}\`: .*\`${input}\``, "m")
            : new RegExp(
                `^  ${from} --> ${step.to} : (.* or )?${input}( or .*)?${effects(step.effects)}$`,
                "m",
              );
        expect(drawn, `${from} on ${input}`).toMatch(cell);
      }
    }
  });

  it("have a row for every rule, in order", () => {
    const rows = script.renderRules(DEFAULT_RULES).split("\n").slice(2);
    expect(rows.map((row) => row.split(" | ")[0])).toEqual(
      DEFAULT_RULES.map(({ name }) => `| ${name}`),
    );
  });

  it("change with the table", () => {
    const record = readFileSync(script.RECORD, "utf8");
    const changed = {
      ...TRANSITIONS,
      gated: { ...TRANSITIONS.gated, force: { to: "dialing", effects: ["dial"] } },
    } as const;
    expect(script.withGenerated(record, changed, DEFAULT_RULES)).not.toBe(record);
  });

  it("cannot be written into a record without markers", () => {
    expect(() => script.withGenerated("# nothing", TRANSITIONS, DEFAULT_RULES)).toThrow(
      'no block "states"',
    );
  });
});

function effects(names: readonly string[]): string {
  return names.length === 0 ? "" : ` / ${names.join(", ")}`;
}
