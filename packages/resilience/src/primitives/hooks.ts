import type { AuthSource, Bind, Classify, TraceEvent, Tracer } from "@oath-ws/contract";
import type { Gate, GateRequest, GateTicket } from "../core/gate.js";
import { SharedGate } from "../core/shared-gate.js";

/** For platforms without async contexts. */
export const UNBOUND: Bind = (fn) => fn;

/** Calls a function in the async context that it was made in. See {@link runIn}. */
export type Run = <Args extends readonly unknown[], Result>(
  call: (...args: Args) => Result,
  ...args: Args
) => Result;

const RUN: Run = (call, ...args) => call(...args);

/**
 * Keeps the present async context. A caller that has several functions to keep in one context
 * makes one of these for all: each costs an idle connection some 200 bytes.
 */
export function runIn(bind: Bind): Run {
  return bind(RUN);
}

/** What a caller gives to be called later. */
export interface Hooks {
  readonly auth?: AuthSource | undefined;
  readonly classify?: Classify | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
}

/**
 * The same hooks, called in the async context of `run`: in that of the caller who gave them,
 * whatever is the cause of the call. The gate of the process calls nothing of a caller's, and is
 * left as it is.
 */
export function boundHooks({ auth, classify, gate, tracer }: Hooks, run: Run): Hooks {
  if (run === RUN) return { auth, classify, gate, tracer };
  return {
    auth: auth && {
      authorize: (handshake, context) => run(() => auth.authorize(handshake, context)),
    },
    classify: classify && {
      classify: (error, context) => run(() => classify.classify(error, context)),
    },
    gate: gate && (gate instanceof SharedGate ? gate : new BoundGate(gate, run)),
    tracer: tracer && new BoundTracer(tracer, run),
  };
}

/** One is made for each connection, so its method is shared. */
class BoundTracer implements Tracer {
  readonly #tracer: Tracer;
  readonly #run: Run;

  constructor(tracer: Tracer, run: Run) {
    this.#tracer = tracer;
    this.#run = run;
  }

  trace(event: TraceEvent): unknown {
    return this.#run(traceWith, this.#tracer, event);
  }
}

/** What a tracer returns is passed on: it may be a promise that rejects. */
function traceWith(tracer: Tracer, event: TraceEvent): unknown {
  return tracer.trace(event);
}

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
