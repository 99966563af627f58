/** How many connection attempts are allowed in any window. */
export interface AttemptLimit {
  /** Attempts in any window of `windowMs`. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
}

/** What a connection asks a {@link Gate} for. */
export interface GateRequest {
  /** The URL to dial, from which the gate derives the key of the budget. */
  readonly url: string;
  readonly limit: AttemptLimit;
  /** Whether the socket of the connection still works: a reconnect was asked for. */
  readonly asked: boolean;
  /**
   * Until when the connection counts as one that stood: `Infinity` while a proven socket works,
   * five minutes after a proven one was lost, `-Infinity` if there was none.
   */
  readonly provenUntil: number;
  /** The present time. */
  readonly now: number;
}

/** A connection's place in a gate's queue. */
export interface GateTicket {
  /**
   * When the attempt may be made, as far as is known now; `undefined` while the gate has not
   * answered.
   */
  readonly at: number | undefined;
}

/**
 * Allots connection attempts (`AttemptGate` is the implementation within a process). A connection
 * reserves a ticket, waits until `ticket.at`, and then claims it.
 *
 * The seam is asynchronous: `ticket.at` may be set later than `reserve` returns, and may change
 * both ways while the ticket waits. All methods are called synchronously, in a connection's own
 * turn; they must not block, and only `reserve` and `claim` may throw (the connection then ends as
 * `INTERNAL`).
 *
 * All times are milliseconds of one clock that counts the sleep of the machine: `Timer.now()` plus
 * what was slept, as `waitClock(timer).read()` gives it. A gate that is told `now` with every call
 * needs no clock of its own.
 */
export interface Gate {
  /**
   * Says what makes this URL unusable for the gate, `undefined` when nothing does. `connect()`
   * rejects with it as a `ConfigError` at `gate.key`. Must not show the URL, which may hold
   * secrets.
   */
  keyFault(url: string): string | undefined;
  /**
   * Takes a place in the queue.
   *
   * @param granted called after each change of `ticket.at` that happens later than this call; may
   *   be called synchronously by other calls on the gate
   */
  reserve(request: GateRequest, granted: (at: number) => void): GateTicket;
  /**
   * Secures the slot of a ticket whose time has come, for an attempt that begins within 250 ms: no
   * other connection gets it. `false` when it cannot be had; the ticket then waits on, and its `at`
   * is the new time.
   */
  hold(ticket: GateTicket, now: number): boolean;
  /**
   * Uses a slot, held or not: `true` when the attempt begins now. `false` when it may not, because
   * a server asked us to stay away, a ticket of higher rank came, or late timers made attempts
   * bunch up; the ticket then waits on, and its `at` is the new time.
   */
  claim(ticket: GateTicket, now: number): boolean;
  /** The socket of a connection that was asked to reconnect is gone: its ticket's rank rises. */
  raise(ticket: GateTicket, provenUntil: number, now: number): void;
  /** Gives back a ticket that was not claimed. Works at any time, also twice. */
  release(ticket: GateTicket, now: number): void;
  /**
   * Allows no attempt before `until`: the server at this URL asked for it. A later call never
   * shortens an earlier one.
   */
  block(url: string, until: number, now: number): void;
  /** Until when a server asked us to stay away; in the past when it may be tried. */
  blockedUntil(url: string): number;
}
