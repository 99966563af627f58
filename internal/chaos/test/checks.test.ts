import type { LifecycleSnapshot } from "oath-ws";
import { INITIAL_SNAPSHOT } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { checkFrames } from "../src/check-frames.js";
import type { FrameEvidence } from "../src/check-frames.js";
import { checkLifecycle } from "../src/check-lifecycle.js";
import { checkSends } from "../src/check-sends.js";
import type { EpochRecord } from "../src/epochs.js";
import type { SendRecord } from "../src/sends.js";

// What is checked with must itself be seen to bite: each case is a run that was well, with one
// thing changed.

const venue = { attempt: 1, sent: ["1:1", "1:2", "1:3"], received: ["s1", "s3"], closeCode: 1000 };
const epochs: readonly EpochRecord[] = [
  { epoch: 1, attempt: 1, arrived: ["1:1", "1:2", "1:3"], venue },
];

function frame(
  seq: number,
  change: Partial<FrameEvidence["delivered"][number]> = {},
): FrameEvidence["delivered"][number] {
  return { text: `1:${seq}`, seq, epoch: 1, receivedAt: seq, epochKnown: 1, ...change };
}

function send(text: string, outcome: string, change: Partial<SendRecord> = {}): SendRecord {
  return {
    text,
    what: "plain",
    epoch: 1,
    up: true,
    outcome,
    failedEpoch: undefined,
    settledIn: 1,
    ...change,
  };
}

describe("checkFrames", () => {
  const lag = { totalLagged: 1, totalLaggedBytes: 3 };

  it("has nothing to say of a run that was well", () => {
    expect([...checkFrames({ epochs, delivered: [frame(1), frame(3)], last: lag })]).toEqual([]);
  });

  it.each([
    { name: "a frame that is missing and not counted", delivered: [frame(1)], last: lag },
    {
      name: "a loss that is counted and did not happen",
      delivered: [frame(1), frame(2), frame(3)],
      last: lag,
    },
    {
      name: "a frame in another's place",
      delivered: [frame(1), frame(3, { text: "1:2" })],
      last: lag,
    },
    { name: "a frame twice", delivered: [frame(1), frame(1), frame(3)], last: lag },
    { name: "the wrong order", delivered: [frame(3), frame(1)], last: lag },
    {
      name: "a wrong epoch",
      delivered: [frame(1), frame(3, { epoch: 2, epochKnown: 2 })],
      last: lag,
    },
    {
      name: "a frame before its epoch was announced",
      delivered: [frame(1, { epochKnown: 0 }), frame(3)],
      last: lag,
    },
    {
      name: "bytes that do not add up",
      delivered: [frame(1), frame(3)],
      last: { ...lag, totalLaggedBytes: 2 },
    },
  ])("finds $name", ({ delivered, last }) => {
    expect([...checkFrames({ epochs, delivered, last })]).not.toEqual([]);
  });
});

describe("checkSends", () => {
  const well = [
    send("s1", "resolved"),
    send("s2", "EPOCH_ENDED", { failedEpoch: 1 }),
    send("s3", "SEND_FATE_UNKNOWN", { failedEpoch: 1 }),
  ];
  const second: EpochRecord = {
    epoch: 2,
    attempt: 2,
    arrived: [],
    venue: { ...venue, attempt: 2, received: ["s4"] },
  };

  it("has nothing to say of a run that was well", () => {
    expect([...checkSends({ epochs, sends: well })]).toEqual([]);
    const waited = send("s4", "resolved", { what: "wait", up: false, settledIn: 2 });
    expect([...checkSends({ epochs: [...epochs, second], sends: [...well, waited] })]).toEqual([]);
  });

  it.each([
    {
      name: "EPOCH_ENDED of a frame that the server has",
      sends: [send("s1", "EPOCH_ENDED", { failedEpoch: 1 }), well[2]!],
    },
    { name: "an abort of a frame that the server has", sends: [send("s1", "aborted"), well[2]!] },
    { name: "a resolved send that a clean end left out", sends: [...well, send("s4", "resolved")] },
    {
      name: "a gap in front of a frame that arrived",
      sends: [well[0]!, send("s2", "resolved"), well[2]!],
    },
    { name: "a frame that was never sent", sends: [well[0]!] },
    {
      name: "a code that is not documented for a send",
      sends: [well[0]!, send("s3", "ECONNRESET")],
    },
    {
      name: "a fate unknown without its epoch",
      sends: [well[0]!, send("s3", "SEND_FATE_UNKNOWN")],
    },
  ])("finds $name", ({ sends }) => {
    expect([...checkSends({ epochs, sends })]).not.toEqual([]);
  });

  it("finds a send that crossed into a later epoch without being asked to, and one that was sent twice", () => {
    expect([
      ...checkSends({ epochs: [...epochs, second], sends: [...well, send("s4", "resolved")] }),
    ]).not.toEqual([]);
    const twice = { ...second, venue: { ...venue, received: ["s1"] } };
    expect([...checkSends({ epochs: [...epochs, twice], sends: well })]).not.toEqual([]);
  });
});

describe("checkLifecycle", () => {
  const snapshot = (change: Partial<LifecycleSnapshot>): LifecycleSnapshot => ({
    ...INITIAL_SNAPSHOT,
    downSince: 0,
    ...change,
  });
  const first = snapshot({});
  const up = snapshot({ phase: "connected", epoch: 1, attempts: 1, downSince: undefined });
  const last = snapshot({ phase: "closed", epoch: 1, attempts: 1, downSince: 5 });
  const { connection } = first;
  const trace = [
    { connection, kind: "transition", at: 1, from: first, to: up },
    { connection, kind: "transition", at: 5, from: up, to: last },
  ] as const;
  const well = { trace, seen: [[first, up, last]], last, authCalls: 1 };

  it("has nothing to say of a run that was well", () => {
    expect([...checkLifecycle(well)]).toEqual([]);
    expect([...checkLifecycle({ ...well, seen: [[first, last]] })]).toEqual([]);
  });

  it.each([
    { name: "a watcher who missed the end", change: { seen: [[first, up]] } },
    { name: "a total that falls", change: { seen: [[snapshot({ totalLagged: 1 }), last]] } },
    { name: "an epoch whose beginning was not seen", change: { trace: trace.slice(1) } },
    { name: "an attempt without authorisation", change: { authCalls: 0 } },
    {
      name: "up and down at once",
      change: { seen: [[snapshot({ phase: "resumed", epoch: 2 }), last]] },
    },
    {
      name: "an end that is none",
      change: { seen: [[first, up]], last: up, trace: trace.slice(0, 1) },
    },
  ])("finds $name", ({ change }) => {
    expect([...checkLifecycle({ ...well, ...change })]).not.toEqual([]);
  });
});
