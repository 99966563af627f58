import type { AuthSource, Bind, Classify, Tracer } from "@oath-ws/contract";
import type { Gate, GateRequest, GateTicket } from "../core/gate.js";

/** For platforms without async contexts. */
export const UNBOUND: Bind = (fn) => fn;

/** What a caller gives to be called later. */
export interface Hooks {
  readonly auth?: AuthSource | undefined;
  readonly classify?: Classify | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
}

/**
 * The same hooks, called in the present async context: in that of the caller who gave them,
 * whatever is the cause of the call. One context is kept for all of them.
 */
export function boundHooks({ auth, classify, gate, tracer }: Hooks, bind: Bind): Hooks {
  if (bind === UNBOUND) return { auth, classify, gate, tracer };
  const run = bind(<T>(call: () => T): T => call());
  return {
    auth: auth && {
      authorize: (handshake, context) => run(() => auth.authorize(handshake, context)),
    },
    classify: classify && {
      classify: (error, context) => run(() => classify.classify(error, context)),
    },
    gate: gate && new BoundGate(gate, run),
    tracer: tracer && { trace: (event) => run(() => tracer.trace(event)) },
  };
}

type Run = <T>(call: () => T) => T;

/** One is made for each connection, so its methods are shared. */
class BoundGate implements Gate {
  readonly #gate: Gate;
  readonly #run: Run;

  constructor(gate: Gate, run: Run) {
    this.#gate = gate;
    this.#run = run;
  }

  keyFault(url: string): string | undefined {
    return this.#run(() => this.#gate.keyFault(url));
  }

  reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    return this.#run(() => this.#gate.reserve(request, granted));
  }

  hold(ticket: GateTicket, now: number): boolean {
    return this.#run(() => this.#gate.hold(ticket, now));
  }

  claim(ticket: GateTicket, now: number): boolean {
    return this.#run(() => this.#gate.claim(ticket, now));
  }

  raise(ticket: GateTicket, provenUntil: number, now: number): void {
    this.#run(() => this.#gate.raise(ticket, provenUntil, now));
  }

  release(ticket: GateTicket, now: number): void {
    this.#run(() => this.#gate.release(ticket, now));
  }

  block(url: string, until: number, now: number): void {
    this.#run(() => this.#gate.block(url, until, now));
  }

  blockedUntil(url: string): number {
    return this.#run(() => this.#gate.blockedUntil(url));
  }
}
