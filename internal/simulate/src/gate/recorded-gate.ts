import type { Gate, GateRequest, GateTicket } from "@oath-ws/resilience";

/** An attempt that a gate allowed. */
export interface Claim {
  readonly at: number;
  /** The path of the URL, which names the connection. */
  readonly path: string;
  readonly isProven: boolean;
}

/** A gate that keeps a record of what it allowed, and of who waits. */
export class RecordedGate implements Gate {
  readonly #gate: Gate;
  readonly #now: () => number;
  readonly #claimed: (claim: Claim) => void;
  readonly #waiting = new Map<GateTicket, GateRequest>();
  /** Until when a server asked to stay away, by the world's clock. */
  blockedUntilWorld = 0;

  constructor(gate: Gate, now: () => number, claimed: (claim: Claim) => void) {
    this.#gate = gate;
    this.#now = now;
    this.#claimed = claimed;
  }

  /** Tickets that were neither used nor given back. */
  get waiting(): number {
    return this.#waiting.size;
  }

  keyFault(url: string): string | undefined {
    return this.#gate.keyFault(url);
  }

  reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    const ticket = this.#gate.reserve(request, granted);
    this.#waiting.set(ticket, request);
    return ticket;
  }

  hold(ticket: GateTicket, now: number): boolean {
    return this.#gate.hold(ticket, now);
  }

  claim(ticket: GateTicket, now: number): boolean {
    if (!this.#gate.claim(ticket, now)) return false;
    const { url = "ws://none/", provenUntil = 0 } = this.#waiting.get(ticket) ?? {};
    this.#waiting.delete(ticket);
    const path = new URL(url).pathname;
    this.#claimed({ at: this.#now(), path, isProven: now < provenUntil });
    return true;
  }

  raise(ticket: GateTicket, provenUntil: number, now: number): void {
    const request = this.#waiting.get(ticket);
    if (request !== undefined) this.#waiting.set(ticket, { ...request, provenUntil, asked: false });
    this.#gate.raise(ticket, provenUntil, now);
  }

  release(ticket: GateTicket, now: number): void {
    this.#waiting.delete(ticket);
    this.#gate.release(ticket, now);
  }

  block(url: string, until: number, now: number): void {
    this.blockedUntilWorld = Math.max(this.blockedUntilWorld, this.#now() + until - now);
    this.#gate.block(url, until, now);
  }

  blockedUntil(url: string): number {
    return this.#gate.blockedUntil(url);
  }
}
