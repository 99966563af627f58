import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The loopback interface of this network namespace. While it is down the kernel drops every packet
 * and tells neither side, which is what a proxy in user space cannot imitate: TCP itself repeats,
 * backs off and gives up.
 */
export class Cable {
  async pull(): Promise<void> {
    await run("ip", ["link", "set", "lo", "down"]);
  }

  async plug(): Promise<void> {
    await run("ip", ["link", "set", "lo", "up"]);
  }
}
