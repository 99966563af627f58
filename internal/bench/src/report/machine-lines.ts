import type { Machine } from "../machine.js";
import { fixed } from "./format.js";

/** Where, when and with what the figures were made. */
export function machineLines({
  date,
  cpu,
  cores,
  memoryGiB,
  system,
  node,
  packages,
  loadBefore,
}: Machine): string[] {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, node ${node}.`,
    `${versions.join(", ")}. Load average before the run: ${fixed(loadBefore, 2)}.`,
  ];
}
