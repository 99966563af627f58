import type {
  CancelSignal,
  Handshake,
  WsConnection,
  WsConnector,
  WsError,
} from "@oath-ws/contract";

/** One attempt of a leaf to connect: what is asked for, and the two ways to settle it. */
export interface Dial {
  readonly handshake: Handshake;
  /** Not aborted yet. */
  readonly signal: CancelSignal | undefined;
  readonly resolve: (connection: WsConnection) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The connector of a leaf. What is aborted already, or has a fault in its handshake, is rejected
 * before anything is dialled.
 *
 * @param faultOf says why a handshake cannot be dialled
 * @param dial opens the connection, and settles in every case
 */
export function leafConnector(
  faultOf: (handshake: Handshake) => WsError | undefined,
  dial: (attempt: Dial) => void,
): WsConnector {
  return {
    connect: (handshake, options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal;
        if (signal?.aborted === true) return reject(signal.reason);
        const fault = faultOf(handshake);
        if (fault !== undefined) return reject(fault);
        dial({ handshake, signal, resolve, reject });
      }),
  };
}
