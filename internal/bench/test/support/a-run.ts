import type { Conditions, Row, RowResult, Run } from "../../src/model.js";

export const QUIET: Conditions = {
  faultsPerItem: 0.02,
  majorsPerSecond: 0,
  cpuNsPerItem: 300,
  busy: 1,
};

export function aRow(row: Partial<Row>): Row {
  return {
    id: "plain-150",
    label: "ws, take(), 150 B",
    subject: { kind: "stack", transport: "direct", reads: "take" },
    base: { kind: "ws", reads: "data" },
    work: { kind: "flood", tls: false, size: 150 },
    figure: "rate",
    compare: "ratio",
    ...row,
  };
}

/** Rounds of a base that always measures 100. */
export function aResult(id: string, ratios: readonly number[], subject = QUIET): RowResult {
  return { id, pairs: ratios.map((ratio) => [100, 100 * ratio]), base: QUIET, subject };
}

export function aRun(rows: readonly RowResult[], run: Partial<Run> = {}): Run {
  return {
    format: 1,
    commit: "abcdef0123",
    dirty: false,
    node: "20.20.2",
    machine: {
      date: "2026-12-01T10:00:00.000Z",
      cpu: "AMD EPYC",
      cores: 2,
      memoryGiB: 24,
      system: "linux x64 6.18",
      othersBusy: 0.02,
      packages: { ws: "8.23.0" },
    },
    short: false,
    tookS: 420,
    rows,
    ...run,
  };
}
