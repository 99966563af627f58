import type { AuthSource, Bind, Classify, Tracer } from "@oath-ws/contract";
import type { Gate } from "../core/gate.js";

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
 * The same hooks, called in the present async context: in that of the caller who gave them, whatever
 * is the cause of the call. One context is kept for all of them.
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
    gate: gate && boundGate(gate, run),
    tracer: tracer && { trace: (event) => run(() => tracer.trace(event)) },
  };
}

function boundGate(gate: Gate, run: <T>(call: () => T) => T): Gate {
  return {
    keyFault: (url) => run(() => gate.keyFault(url)),
    reserve: (request, granted) => run(() => gate.reserve(request, granted)),
    hold: (ticket, now) => run(() => gate.hold(ticket, now)),
    claim: (ticket, now) => run(() => gate.claim(ticket, now)),
    raise: (ticket, provenUntil, now) => run(() => gate.raise(ticket, provenUntil, now)),
    release: (ticket, now) => run(() => gate.release(ticket, now)),
    block: (url, until, now) => run(() => gate.block(url, until, now)),
    blockedUntil: (url) => run(() => gate.blockedUntil(url)),
  };
}
