// A risk gate: orders pass while the last price is young, and none passes on a silent feed.
import { startBinanceSim } from "@oath-ws/sim";
import { open } from "oath-ws";
import type { Lifecycle } from "oath-ws";

const MAX_AGE_MS = 500;

class RiskGate {
  readonly #lifecycle: Lifecycle;

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle;
  }

  /** Says why no order may be sent now; `undefined` if one may. Ask directly before each order. */
  halt(): string | undefined {
    const { phase, cause } = this.#lifecycle.snapshot;
    if (phase !== "connected" && phase !== "resumed")
      return `${phase} (${cause?.code ?? "no error"})`;
    return this.#lifecycle.isFresh(MAX_AGE_MS) ? undefined : "the last price is too old";
  }
}

await using sim = await startBinanceSim({ symbols: ["BTCUSDT"], market: { stepMs: 20 } });
await using feed = await open(`${sim.url}/ws/btcusdt@trade`);
const gate = new RiskGate(feed.lifecycle);

/** Waits until the gate is open, or closed, and returns what it says then. */
async function said(isOpen: boolean): Promise<string> {
  for (;;) {
    const reason = gate.halt();
    if ((reason === undefined) === isOpen) return reason ?? "open";
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

console.log("before the first price:", await said(false));
const reading = (async () => {
  for await (const frame of feed.source) frame.text(); // a price, for the strategy
})();
console.log("with prices:", await said(true));
sim.faults.mute(); // the socket stays open and answers pings; no price comes
console.log("on a mute feed:", await said(false));
sim.faults.unmute();
console.log("with prices again:", await said(true));
sim.faults.halfOpen(); // the socket says nothing at all, and no error comes
console.log("on a dead socket:", await said(false));
await feed.control.shutdown({ timeoutMs: 0 }); // a dead socket answers no close frame
await reading;
console.log("after the end:", gate.halt());
