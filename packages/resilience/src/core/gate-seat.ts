import type { AttemptLimit, Gate, GateTicket } from "./gate.js";
import type { Trace } from "./trace.js";

/** What a {@link GateSeat} needs of its supervisor's options. */
interface GateSeatOptions {
  readonly gate: Gate;
  readonly granted: () => void;
  readonly url: string;
  readonly trace: Trace;
}

/** One connection's dealings with the attempt gate: it has one ticket at most. */
export class GateSeat {
  readonly #options: GateSeatOptions;
  readonly #limit: AttemptLimit;
  #ticket: GateTicket | undefined;

  constructor(options: GateSeatOptions, limit: AttemptLimit) {
    this.#options = options;
    this.#limit = limit;
  }

  /** When the ticket's slot is; `undefined` without a ticket, or while the gate has not answered. */
  get at(): number | undefined {
    return this.#ticket?.at;
  }

  get blockedUntil(): number {
    return this.#options.gate.blockedUntil(this.#options.url);
  }

  reserve(asked: boolean, provenUntil: number, now: number): void {
    const { gate, url, granted } = this.#options;
    this.#ticket = gate.reserve({ url, limit: this.#limit, asked, provenUntil, now }, granted);
  }

  raise(provenUntil: number, now: number): void {
    if (this.#ticket !== undefined) this.#options.gate.raise(this.#ticket, provenUntil, now);
  }

  /** Whether the slot is secured; the ticket is kept. */
  hold(now: number): boolean {
    return this.#ticket === undefined || this.#options.gate.hold(this.#ticket, now);
  }

  /** Whether the attempt may begin now. Without a ticket there is nothing to wait for. */
  claim(now: number): boolean {
    if (this.#ticket !== undefined && !this.#options.gate.claim(this.#ticket, now)) return false;
    this.#ticket = undefined;
    return true;
  }

  /** A gate that fails in this must not keep a connection from ending. */
  release(now: number): void {
    const ticket = this.#ticket;
    this.#ticket = undefined;
    try {
      if (ticket !== undefined) this.#options.gate.release(ticket, now);
    } catch (error) {
      this.#options.trace({ kind: "fault", at: now, where: "gate", error });
    }
  }

  block(until: number, now: number): void {
    this.#options.gate.block(this.#options.url, until, now);
  }
}
