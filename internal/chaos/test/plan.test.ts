import { expect, it } from "vitest";
import { PACKET_FATES } from "../src/packet-filter.js";
import { planFaults } from "../src/plan.js";

/** What needs the kernel. */
const OF_THE_KERNEL: readonly string[] = ["unplug", "halfOpen", "packets"];

it("a plan touches packets only in a network of our own, and there in every way", () => {
  const kinds = (ownNetwork: boolean): Set<string> =>
    new Set(planFaults(1, 1_000, ownNetwork).map(({ fault }) => fault.kind));
  expect(OF_THE_KERNEL.filter((kind) => kinds(false).has(kind))).toEqual([]);
  expect(OF_THE_KERNEL.filter((kind) => kinds(true).has(kind))).toEqual(OF_THE_KERNEL);
  const fates = planFaults(1, 1_000, true).map(
    ({ fault }) => fault.kind === "packets" && fault.fate,
  );
  expect(PACKET_FATES.filter((fate) => !fates.includes(fate))).toEqual([]);
});

it("a plan gives the same faults for the same seed, in either network", () => {
  for (const ownNetwork of [false, true])
    expect(planFaults(7, 200, ownNetwork)).toEqual(planFaults(7, 200, ownNetwork));
});
