/**
 * What is mutated, and the tests that have to notice: its own unit and property tests, and no
 * others.
 *
 * @typedef {object} Target
 * @property {readonly string[]} mutate
 * @property {readonly string[]} tests
 * @property {readonly string[]} [without]
 */

/** @type {Readonly<Record<string, Target>>} */
export const TARGETS = {
  cores: {
    mutate: ["packages/resilience/src/core/*.ts"],
    tests: ["packages/resilience/test/core/**/*.test.ts"],
    // It reads the build, where nothing is mutated.
    without: ["**/state-diagram.test.ts"],
  },
  // The parts of the direct leaf without a socket, a compressor or the garbage collector: those
  // have tests that take seconds each. Its property and fuzz tests would find more, and take as
  // long.
  codec: {
    mutate: [
      "direct/deflate-extension",
      "direct/frame-decoder",
      "direct/frame-encoder",
      "direct/message-assembly",
      "leaf/protocol-violation",
      "direct/upgrade-response",
    ].map((file) => `packages/node/src/${file}.ts`),
    tests: ["frame-decoder", "frame-encoder", "payload-views", "upgrade-response"].map(
      (file) => `packages/node/test/direct/${file}.test.ts`,
    ),
  },
  // The parts of the venue kit without a promise or a clock.
  kit: {
    mutate: [
      "connection/freshness-watchdog",
      "topic/handover",
      "recovery/recovery-gate",
      "connection/subscription-registry",
      "topic/topic-stream",
    ].map((file) => `packages/venue-kit/src/${file}.ts`),
    tests: [
      "connection/freshness-watchdog",
      "topic/handover.prop",
      "recovery/recovery-gate",
      "connection/subscription-registry.prop",
      "topic/topic-stream",
    ].map((file) => `packages/venue-kit/test/${file}.test.ts`),
  },
};

/** The one that was asked for, by the environment, which also the test runner's processes see. */
export function chosenTarget() {
  const name = process.env["MUTATION_TARGET"] ?? "cores";
  const target = TARGETS[name];
  if (target === undefined)
    throw new Error(
      `MUTATION_TARGET is ${name}, and must be one of ${Object.keys(TARGETS).join(", ")}`,
    );
  return { name, ...target };
}
