// What a driver of another client is written with, and what the comparison of many is made with.
export { BINANCE_DIALECT } from "./binance-dialect.js";
export { PLAIN_DIALECT, plainId } from "./driver.js";
export type {
  Announcement,
  Answer,
  Dialect,
  DriverContext,
  DriverHandle,
  SoakDriver,
} from "./driver.js";
export { FAULT_IDS, FAULTS } from "./fault.js";
export type { Fault, FaultId } from "./fault.js";
export { BOUNDS, faultsOf } from "./judge.js";
export type { DrivenRow, SkippedRow, SoakRow } from "./row.js";
export { cellsOf, SOAK_COLUMNS, verdictOf } from "./row-line.js";
export { CLIENTS, failureOf, printSoak, SOAK_OPTIONS } from "./soak-command.js";
export type { SoakValues } from "./soak-command.js";
