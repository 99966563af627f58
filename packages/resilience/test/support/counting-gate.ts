import { AttemptGate } from "../../src/core/attempt-gate.js";
import type { GateRequest, GateTicket } from "../../src/core/gate.js";

/** Knows which tickets are out. */
export class CountingGate extends AttemptGate {
  readonly out = new Set<GateTicket>();

  override reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    const ticket = super.reserve(request, granted);
    this.out.add(ticket);
    return ticket;
  }

  override claim(ticket: GateTicket, now: number): boolean {
    const claimed = super.claim(ticket, now);
    if (claimed) this.out.delete(ticket);
    return claimed;
  }

  override release(ticket: GateTicket, now: number): void {
    super.release(ticket, now);
    this.out.delete(ticket);
  }
}
