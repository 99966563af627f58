// What a driver of another client is written with, and what the comparison of many is made with.
export { PLAIN_DIALECT, plainId } from "./driver.js";
export type { Announcement, Answer, Dialect, DriverContext, DriverHandle, SoakDriver } from "./driver.js";
export { FAULT_IDS, FAULTS, isFaultId } from "./fault.js";
export type { Fault, FaultId } from "./fault.js";
export { faultsOf } from "./judge.js";
export type { SoakRow } from "./row.js";
export { cellsOf, SOAK_COLUMNS, tableLine } from "./row-line.js";
export type { SoakRun } from "./run.js";
export { soak } from "./soak.js";
export { CLIENTS, driverPath } from "./soak-command.js";
