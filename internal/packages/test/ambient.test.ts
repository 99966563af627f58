import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const packages = join(import.meta.dirname, "../../../packages");

/** What runs in a simulation; `.oxlintrc.json` forbids the rest of the banned calls by name. */
const SIMULATED = [
  "contract",
  "resilience",
  "venue-kit",
  "venue-binance",
  "venue-coinbase",
  "venue-ibkr",
  "testing",
  "sim",
] as const;

/** The clock without saying so: a date of now, and globals by another way. */
const AMBIENT = /\bnew Date\(\s*\)|[^.\w]Date\(\s*\)|globalThis\.(?:set|perf|crypto|Date|Math)/;

function sources(name: string): readonly (readonly [string, string])[] {
  const folder = join(packages, name, "src");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [`${name}/${file}`, readFileSync(join(folder, file), "utf8")] as const);
}

describe("what runs in a simulation", () => {
  it.each(SIMULATED)("reads no clock of the machine that the linter cannot see: %s", (name) => {
    const found = sources(name).filter(([, text]) => AMBIENT.test(text));
    expect(found.map(([file]) => file)).toEqual([]);
  });

  it.each(["const at = new Date();", "x(Date())", "globalThis.setTimeout(f, 1)"])(
    "would be found: %s",
    (text) => expect(text).toMatch(AMBIENT),
  );
});
