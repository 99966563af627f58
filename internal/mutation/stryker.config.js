import { chosenTarget } from "./targets.js";

const { name, mutate } = chosenTarget();

export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "internal/mutation/vitest.config.ts", related: true },
  mutate: [...mutate],
  ignorePatterns: ["**/dist", ".git", "coverage", "docs"],
  coverageAnalysis: "perTest",
  concurrency: Number(process.env["MUTATION_CONCURRENCY"] ?? 2),
  timeoutMS: 10_000,
  reporters: ["progress-append-only", "clear-text", "json"],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: `internal/mutation/report/${name}.json` },
  tempDirName: `.stryker-tmp/${name}`,
  thresholds: { high: 95, low: 85, break: 85 },
  tsconfigFile: "internal/mutation/none.json",
  disableTypeChecks: true,
};
