import type { WsError } from "@oath-ws/contract";

/** What the shell reports. */
export type SupervisorInput =
  | { readonly kind: "start" }
  /** The deadline was reached. */
  | { readonly kind: "due" }
  /** The gate changed the time of our ticket. May come late, and more than once. */
  | { readonly kind: "granted" }
  /** The attempt succeeded. */
  | { readonly kind: "opened" }
  /** The `EndpointSource` has answered with URLs that can be dialled. */
  | { readonly kind: "listed"; readonly urls: readonly string[] }
  /** The attempt or the `EndpointSource` failed, or the connection ended. */
  | { readonly kind: "failed"; readonly error: WsError }
  /** The attempt of a trial failed, beside the open connection. */
  | { readonly kind: "trialFailed"; readonly error: WsError }
  /** Liveness found the peer silent, or heard it again. */
  | { readonly kind: "silent" }
  | { readonly kind: "alive" }
  /** The platform says whether it has a network. */
  | { readonly kind: "network"; readonly isOnline: boolean }
  | { readonly kind: "force"; readonly reason: string | undefined }
  /** `timeoutMs`: how long the closing handshake may take. */
  | { readonly kind: "shutdown"; readonly timeoutMs: number }
  /**
   * Our closing handshake is done, or the peer's close came while we let the socket go, or the
   * socket that takes over ended meanwhile.
   */
  | { readonly kind: "gone" }
  /** The shell itself failed: the connection ends at once. */
  | { readonly kind: "crash"; readonly error: WsError };

/** What the shell must do, in this order. */
export type Action =
  | {
      readonly kind: "dial";
      readonly attempt: number;
      readonly url: string;
      readonly lastError: WsError | undefined;
      readonly isTrial: boolean;
    }
  /** Asks the `EndpointSource`; reports `listed` or `failed`. */
  | { readonly kind: "ask"; readonly round: number; readonly lastError: WsError | undefined }
  | { readonly kind: "abort" }
  | { readonly kind: "adopt"; readonly epoch: number }
  /** Sends a close frame and refuses further sends; reports `gone` when the peer's close came. */
  | { readonly kind: "letGo"; readonly error: WsError | undefined }
  | { readonly kind: "drop"; readonly error: WsError | undefined }
  | { readonly kind: "hangUp" }
  /** `error`: what the source ends with; clean when absent. */
  | { readonly kind: "finish"; readonly error: WsError | undefined };
