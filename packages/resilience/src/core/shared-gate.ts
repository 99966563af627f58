import { urlHost } from "@oath-ws/contract";
import { AttemptGate } from "./attempt-gate.js";

/**
 * The gate that all connections of a process or page share which name none of their own: a ban is
 * per address, not per connection. It counts the attempts of a stand-in with those of the host that
 * it stands for.
 */
export class SharedGate extends AttemptGate {
  /** Stand-ins, and the URLs that are known for them. */
  readonly standIns: Map<string, string>;

  constructor() {
    const standIns = new Map<string, string>();
    super({ key: (url) => urlHost(standIns.get(url) ?? url) });
    this.standIns = standIns;
  }
}
