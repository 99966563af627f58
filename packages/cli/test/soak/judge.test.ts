import { describe, expect, it } from "vitest";
import { FAULT_IDS } from "../../src/soak/fault.js";
import type { FaultId } from "../../src/soak/fault.js";
import { faultsOf } from "../../src/soak/judge.js";
import type { SoakRow } from "../../src/soak/row.js";

function row(fault: FaultId, change: Partial<SoakRow> = {}): SoakRow {
  return {
    client: "any",
    fault,
    attempts: 1,
    noticedMs: 100,
    recoveredMs: 200,
    lost: 3,
    announced: true,
    grownBytes: 1_000,
    unhandled: [],
    ...change,
  };
}

describe("a row", () => {
  it.each(FAULT_IDS)("of %s is right when it is right in every column", (fault) => {
    expect(faultsOf(row(fault))).toEqual([]);
  });

  it.each<[FaultId, Partial<SoakRow>, string]>([
    ["half-open", { noticedMs: null, recoveredMs: null }, "not noticed, does not come back"],
    ["half-open", { noticedMs: 15_001 }, "noticed after more than 15 s"],
    ["mute", { noticedMs: 20_000 }, "noticed after more than 15 s"],
    ["refused-401", { attempts: 21 }, "more than 20 attempts"],
    ["refused-429", { attempts: 2 }, "more than 1 attempts"],
    ["close-1000", { attempts: 3_636 }, "more than 20 attempts"],
    ["provider", { recoveredMs: null }, "does not come back"],
    ["restart", { recoveredMs: 11_000 }, "back after more than 10 s"],
    ["reset", { announced: false }, "loses without a word"],
    ["slow-consumer", { grownBytes: 300 * 2 ** 20 }, "grows by more than 192 MiB"],
    ["send-gap", { unhandled: ["Error: x"] }, "throws where nobody can catch it"],
  ])("of %s with %o: %s", (fault, change, faults) => {
    expect(faultsOf(row(fault, change)).join(", ")).toBe(faults);
  });

  it("of a client that cannot be driven has no verdict", () => {
    expect(faultsOf(row("reset", { unfit: "no such module", noticedMs: null }))).toEqual([]);
  });
});
