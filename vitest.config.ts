import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (folder: string): string =>
  fileURLToPath(new URL(`packages/${folder}/src/index.ts`, import.meta.url));

// Tests run the sources, so that a stale build can neither hide a fault nor cause one. Examples and
// the command run the build.
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@oath-ws\/(contract|resilience|testing|sim|web|venue-kit|venue-binance|venue-coinbase|venue-ibkr)$/,
        replacement: source("$1"),
      },
      {
        find: /^@oath-ws\/(venue-binance|venue-coinbase)\/node$/,
        replacement: fileURLToPath(new URL("packages/$1/src/node/index.ts", import.meta.url)),
      },
      {
        find: /^@oath-ws\/resilience\/leaf$/,
        replacement: fileURLToPath(new URL("packages/resilience/src/leaf.ts", import.meta.url)),
      },
      {
        find: /^oath-ws\/leaf$/,
        replacement: fileURLToPath(new URL("packages/node/src/leaf.ts", import.meta.url)),
      },
      { find: /^oath-ws$/, replacement: source("node") },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "internal/*/test/**/*.test.ts"],
    testTimeout: 20_000,
    // Two cores: one for the tests, one for the servers and child processes that they start.
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
