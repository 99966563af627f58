import type {
  CancelSignal,
  ConnectOptions,
  Handshake,
  LeafConnection,
  LeafEvents,
  WsConnector,
  WsError,
} from "@oath-ws/contract";

/** One attempt of a connector: what is asked for, and the two ways to settle it. */
export interface Dial {
  readonly handshake: Handshake;
  readonly events: LeafEvents;
  /** Not aborted yet. */
  readonly signal: CancelSignal | undefined;
  /** See `ConnectOptions`. */
  readonly onPhase: ConnectOptions["onPhase"];
  /** The connection is open, and `events.opened` was told. */
  readonly resolve: (connection: LeafConnection) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Makes a connector. What is aborted already, or has a fault in its handshake, is rejected before
 * anything is dialled.
 *
 * @param faultOf says why a handshake cannot be dialled
 * @param dial opens the connection, and settles in every case
 */
export function leafConnector(
  faultOf: (handshake: Handshake) => WsError | undefined,
  dial: (attempt: Dial) => void,
): WsConnector {
  return {
    connect: (handshake, events, options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal;
        if (signal?.aborted === true) return reject(signal.reason);
        const fault = faultOf(handshake);
        if (fault !== undefined) return reject(fault);
        dial({ handshake, events, signal, onPhase: options?.onPhase, resolve, reject });
      }),
  };
}
