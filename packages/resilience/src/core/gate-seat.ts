import type { AttemptLimit, Gate, GateTicket } from "./gate.js";
import type { Trace } from "./trace.js";

/** What a {@link GateSeat} needs of its supervisor's options. */
export interface GateSeatOptions {
  readonly gate: Gate;
  /** Called when the gate changes the time of a ticket: report `granted` in a turn of its own. */
  readonly granted: () => void;
  readonly trace: Trace;
  /** How long the machine slept, as far as was noticed: see `WaitClock`. */
  readonly clock: { readonly sleptMs: number };
}

/**
 * One connection's dealings with the attempt gate for one endpoint: it has one ticket at most. The
 * gate's times count the sleep of the machine (see {@link Gate}); the connection's are those of
 * `Timer.now()`. They are converted here, by what was noticed of sleep so far.
 */
export class GateSeat {
  readonly #options: GateSeatOptions;
  /** Its host is the gate's key. */
  readonly #url: string;
  readonly #limit: AttemptLimit;
  #ticket: GateTicket | undefined;

  constructor(options: GateSeatOptions, url: string, limit: AttemptLimit) {
    this.#options = options;
    this.#url = url;
    this.#limit = limit;
  }

  /**
   * When the ticket's slot is; `undefined` without a ticket, or while the gate has not answered.
   */
  get at(): number | undefined {
    const at = this.#ticket?.at;
    return at === undefined ? undefined : at - this.#sleptMs;
  }

  /** Whether it has a ticket. */
  get isTaken(): boolean {
    return this.#ticket !== undefined;
  }

  get blockedUntil(): number {
    return this.#options.gate.blockedUntil(this.#url) - this.#sleptMs;
  }

  reserve(asked: boolean, provenUntil: number, now: number): void {
    const { gate, granted } = this.#options;
    const slept = this.#sleptMs;
    const times = { provenUntil: provenUntil + slept, now: now + slept };
    this.#ticket = gate.reserve({ url: this.#url, limit: this.#limit, asked, ...times }, granted);
  }

  raise(provenUntil: number, now: number): void {
    const slept = this.#sleptMs;
    if (this.#ticket !== undefined)
      this.#options.gate.raise(this.#ticket, provenUntil + slept, now + slept);
  }

  /** Whether the slot is secured; the ticket is kept. */
  hold(now: number): boolean {
    const ticket = this.#ticket;
    return ticket === undefined || this.#options.gate.hold(ticket, this.#gateTime(ticket, now));
  }

  /** Whether the attempt may begin now. Without a ticket there is nothing to wait for. */
  claim(now: number): boolean {
    const ticket = this.#ticket;
    if (ticket !== undefined && !this.#options.gate.claim(ticket, this.#gateTime(ticket, now)))
      return false;
    this.#ticket = undefined;
    return true;
  }

  /** A gate that fails in this must not keep a connection from ending. */
  release(now: number): void {
    const ticket = this.#ticket;
    this.#ticket = undefined;
    try {
      if (ticket !== undefined) this.#options.gate.release(ticket, now + this.#sleptMs);
    } catch (error) {
      this.#options.trace({ kind: "fault", at: now, where: "gate", error });
    }
  }

  block(until: number, now: number): void {
    const slept = this.#sleptMs;
    this.#options.gate.block(this.#url, until + slept, now + slept);
  }

  get #sleptMs(): number {
    return this.#options.clock.sleptMs;
  }

  /** A slot that is due on our clock is due on the gate's, however the sums were rounded. */
  #gateTime({ at }: GateTicket, now: number): number {
    const slept = this.#sleptMs;
    return at !== undefined && at - slept <= now ? Math.max(at, now + slept) : now + slept;
  }
}
