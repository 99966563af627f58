import type { ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { DialPhase, Timer } from "@oath-ws/contract";

/** Is told that a step of a dial has ended. */
export type PhaseListener = (phase: DialPhase) => void;

/**
 * Tells `onPhase` each step once, with the time.
 *
 * @param onPhase see `ConnectOptions`; absent: nothing is measured
 */
export function phaseListener(
  onPhase: ((phase: DialPhase, at: number) => void) | undefined,
  timer: Timer,
): PhaseListener | undefined {
  if (onPhase === undefined) return undefined;
  const told = new Set<DialPhase>();
  return (phase) => {
    if (told.has(phase)) return;
    told.add(phase);
    onPhase(phase, timer.now());
  };
}

/** Watches the socket that the request gets. */
export function watchDial(request: ClientRequest, told: PhaseListener | undefined): void {
  if (told === undefined) return;
  request.once("socket", (socket) => watchSocket(socket, told));
}

/** Watches a socket that is being opened. */
export function watchSocket(socket: Duplex, told: PhaseListener | undefined): void {
  if (told === undefined) return;
  // Node looks up a name that has several addresses once, and tells of each.
  const onLookup = (error: Error | null): void => {
    if (error === null || error === undefined) told("dns");
  };
  socket.on("lookup", onLookup);
  // No listener stays on the socket, which would keep the attempt for as long as it lives.
  socket.once("connect", () => {
    socket.off("lookup", onLookup);
    told("tcp");
  });
  if (socket instanceof TLSSocket) socket.once("secureConnect", () => told("tls"));
}
