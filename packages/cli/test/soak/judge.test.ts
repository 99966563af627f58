import { describe, expect, it } from "vitest";
import { FAULT_IDS } from "../../src/soak/fault.js";
import type { FaultId } from "../../src/soak/fault.js";
import { faultsOf } from "../../src/soak/judge.js";
import type { DrivenRow } from "../../src/soak/row.js";

function row(fault: FaultId, change: Partial<DrivenRow> = {}): DrivenRow {
  return {
    kind: "driven",
    name: "any",
    client: "any",
    fault,
    watchedMs: 30_000,
    attempts: 1,
    refused: 1,
    noticedMs: 100,
    recoveredMs: 200,
    lost: 0,
    unsent: 0,
    announced: null,
    counted: null,
    repeated: 0,
    late: { texts: 0, oldestMs: 0 },
    gaveUp: false,
    grownBytes: 1_000,
    unhandled: [],
    ended: null,
    notes: [],
    ...change,
  };
}

describe("a row", () => {
  it.each(FAULT_IDS)("of %s is right when it is right in every column", (fault) => {
    expect(faultsOf(row(fault))).toEqual([]);
  });

  it.each<[FaultId, Partial<DrivenRow>, string]>([
    ["half-open", { noticedMs: null, recoveredMs: null }, "not noticed in 30 s"],
    ["half-open", { name: "oath-ws", noticedMs: 15_100 }, "noticed after 15.1 s"],
    ["half-open", { name: "oath-ws", recoveredMs: 25_100 }, "back after 25.1 s"],
    ["cut", { name: "oath-ws-over-ws", noticedMs: 15_100 }, "noticed after 15.1 s"],
    ["mute", { name: "oath-ws-binance", noticedMs: 20_000 }, "noticed after 20 s"],
    ["mute", { recoveredMs: null }, "not back in 30 s"],
    ["reset", { lost: 3, announced: false }, "loses without a word"],
    ["reset", { repeated: 2 }, "delivers 2 twice"],
    ["restart", { recoveredMs: 11_000 }, "back after 11 s"],
    ["restart", { recoveredMs: null, gaveUp: true }, "gives up"],
    ["provider", { recoveredMs: null }, "not back in 30 s"],
    ["refused-401", { attempts: 21 }, "21 attempts in 30 s"],
    ["refused-401", { attempts: 0, refused: 0, gaveUp: true }, "does not try again"],
    ["refused-429", { refused: 2 }, "asks 2 times where one is allowed"],
    ["refused-429", { refused: 1, recoveredMs: null, gaveUp: true }, "gives up"],
    ["close-1000", { attempts: 3_636 }, "3636 attempts in 30 s"],
    ["close-1000", { recoveredMs: null }, "not back in 30 s"],
    ["send-gap", { late: { texts: 25, oldestMs: 3_120 } }, "sends 25 texts late, by up to 3.1 s"],
    ["send-gap", { unhandled: ["Error: x"] }, "throws where no caller can catch it"],
    ["reset", { ended: "its process ended with code 7" }, "its process ended with code 7"],
    ["burst", { lost: 7, announced: true }, "loses 7"],
    ["renewal", { lost: 7, announced: true }, "loses 7"],
    ["renewed-reset", { recoveredMs: null }, "not back in 30 s"],
    ["slow-consumer", { grownBytes: 300 * 2 ** 20 }, "grows by more than 192 MiB"],
    ["slow-consumer", { lost: 9, announced: true, counted: 8 }, "counts 8 of 9"],
  ])("of %s with %o: %s", (fault, change, faults) => {
    expect(faultsOf(row(fault, change)).join(", ")).toBe(faults);
  });

  it.each<[FaultId, Partial<DrivenRow>]>([
    ["half-open", { noticedMs: 18_000, recoveredMs: 29_000 }],
    ["slow-consumer", { lost: 9, announced: true, counted: null }],
    ["slow-consumer", { lost: 9, announced: true, counted: 9 }],
    ["reset", { lost: 9, announced: true, counted: 3 }],
    ["refused-401", { recoveredMs: null, gaveUp: true }],
    ["refused-429", { refused: 1, recoveredMs: 400 }],
    ["send-gap", { lost: 20, announced: true }],
  ])("of %s with %o is right", (fault, change) => {
    expect(faultsOf(row(fault, change))).toEqual([]);
  });

  it("of a client that was not driven has no verdict", () => {
    const head = { name: "any", client: "any", fault: "reset", reason: "no such module" } as const;
    expect(faultsOf({ ...head, kind: "unfit" })).toEqual([]);
    expect(faultsOf({ ...head, kind: "inapplicable" })).toEqual([]);
  });
});
