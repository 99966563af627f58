import type { ViteUserConfig } from "vitest/config";
import base from "../../vitest.config.js";

// The unit and property tests of the cores, and no others: whatever they do not notice, they ought to.
const config: ViteUserConfig = {
  ...base,
  test: {
    ...base.test,
    include: ["packages/resilience/test/core/**/*.test.ts"],
    // It reads the build, where nothing is mutated.
    exclude: ["**/state-diagram.test.ts"],
  },
};
export default config;
