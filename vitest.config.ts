import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

const source = (folder: string): string =>
  fileURLToPath(new URL(`packages/${folder}/src/index.ts`, import.meta.url));

const TESTS = [
  "packages/*/test/**/*.test.ts",
  "internal/*/test/**/*.test.ts",
  "examples/**/test/**/*.test.ts",
];

/**
 * Tests that need a process of their own: of the platform's sockets, agents, channels, memory and
 * mocked modules, and of the variables of the environment. All others share a process, and with it
 * the modules that the first of them has loaded.
 */
const ALONE = [
  "examples/test/**/*.test.ts",
  "packages/node/test/**/*.test.ts",
  "packages/web/test/**/*.test.ts",
  "packages/cli/test/stop-signal.test.ts",
  "packages/telemetry/test/channels.test.ts",
  "packages/resilience/test/primitives/retry-after.test.ts",
  "packages/venue-ibkr/test/sockets/trust.test.ts",
];

/**
 * Files that take longest, so that none of them is left to run at the end with nothing beside it.
 */
const FIRST = [
  "internal/venue-conformance/test/venues",
  "packages/cli/test/soak/soak",
  "packages/cli/test/usage",
  "internal/servers/test/mosquitto",
  "packages/cli/test/ibkr-tail",
  "packages/venue-binance/test/soak",
  "internal/relay-chaos/test/relay",
  "internal/venue-conformance/test/can-fail",
  "examples/test/",
  "internal/dashboard/test/",
  "internal/mutation/test/",
  "packages/node/test/hostile/frame-decoder",
  "packages/venue-ibkr/test/sockets/",
  "packages/venue-coinbase/test/sockets/",
  "packages/venue-kit/test/feed-random",
  "internal/servers/test/",
  "packages/cli/test/",
];

/** Longest first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = FIRST.findIndex((part) => moduleId.includes(part));
      return at === -1 ? FIRST.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

// Tests run the sources, so that a stale build can neither hide a fault nor cause one. Examples and
// the command run the build.
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@oath-ws\/(contract|resilience|testing|recorder|relay|sim|web|telemetry|venue-kit|venue-binance|venue-coinbase|venue-ibkr)$/,
        replacement: source("$1"),
      },
      {
        find: /^@oath-ws\/(venue-binance|venue-coinbase)\/node$/,
        replacement: fileURLToPath(new URL("packages/$1/src/node/index.ts", import.meta.url)),
      },
      {
        find: /^@oath-ws\/testing\/venue$/,
        replacement: fileURLToPath(new URL("packages/testing/src/venue/index.ts", import.meta.url)),
      },
      {
        find: /^@oath-ws\/resilience\/(leaf|platform)$/,
        replacement: fileURLToPath(new URL("packages/resilience/src/$1.ts", import.meta.url)),
      },
      {
        find: /^@oath-ws\/resilience\/streams$/,
        replacement: fileURLToPath(
          new URL("packages/resilience/src/streams/to-web-streams.ts", import.meta.url),
        ),
      },
      {
        find: /^oath-ws\/leaf$/,
        replacement: fileURLToPath(new URL("packages/node/src/leaf.ts", import.meta.url)),
      },
      { find: /^oath-ws$/, replacement: source("node") },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: "shared", include: TESTS, exclude: ALONE, isolate: false },
      },
      { extends: true, test: { name: "alone", include: ALONE } },
    ],
    testTimeout: 20_000,
    // Two cores, and one file more than that: many wait for servers, processes and real time.
    maxWorkers: 3,
    // Cases that may wait together, in files that say so.
    maxConcurrency: 8,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
