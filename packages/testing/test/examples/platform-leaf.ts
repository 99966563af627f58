// #region connector
import type { Frame, Timer, WsConnector } from "@oath-ws/contract";
import { urlFault, WsError } from "@oath-ws/contract";
import { leafConnector, LeafShell, upgradeRefused, urlInvalid } from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import type { PlatformDial, PlatformEvents, PlatformSocket } from "./platform-socket.js";

/** A connector over a callback-style library. */
export function platformConnector(dial: PlatformDial, timer: Timer): WsConnector {
  return leafConnector(
    ({ url }) => {
      const fault = urlFault(url);
      return fault === undefined ? undefined : urlInvalid(fault);
    },
    (attempt) => void new PlatformLeaf(dial, attempt, timer),
  );
}
// #endregion

// #region connection
class PlatformLeaf extends LeafShell implements PlatformEvents {
  readonly controlFrames = true;
  readonly headers = {};
  readonly #attempt: Dial;
  readonly #socket: PlatformSocket;

  constructor(dial: PlatformDial, attempt: Dial, timer: Timer) {
    super(attempt.events, { timer, closeTimeoutMs: 5000 });
    this.#attempt = attempt;
    const { url, protocols, headers } = attempt.handshake;
    this.#socket = dial(url, protocols, headers, this);
    attempt.signal?.addEventListener("abort", this.#onAbort);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get bufferedBytes(): number {
    return this.#socket.pendingBytes;
  }

  // What the library tells: the shell drops what must not be told any more.

  onOpen(): void {
    this.#settled();
    // Tells `opened` in this turn, so all later events of the library come after it.
    this.#attempt.resolve(this.open());
  }

  onRefused(status: number | undefined, retryAfterMs: number | undefined): void {
    this.#settled();
    this.#attempt.reject(refusal(status, retryAfterMs));
  }

  onFrame(kind: "text" | "binary" | "ping" | "pong", data: Uint8Array): void {
    this.read();
    // Copy here if the library reuses its buffers.
    this.frame({ kind, data });
  }

  onCloseFrame(code: number, reason: Uint8Array): void {
    this.read();
    this.closed(code, reason);
  }

  onEnd(): void {
    this.gone(undefined); // the shell says PEER_CLOSED, SOCKET_LOST, or that we wanted it
  }

  // What the shell wants of the library.

  protected write(input: Frame | string | Uint8Array, done: (error?: Error) => void): void {
    if (typeof input === "string") this.#socket.send("text", new TextEncoder().encode(input), done);
    else if (input instanceof Uint8Array) this.#socket.send("binary", input, done);
    else if (input.kind !== "close") this.#socket.send(input.kind, input.data, done);
  }

  protected writeClose(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  protected terminate(): void {
    this.#socket.terminate();
  }

  // The end of the attempt.

  readonly #onAbort = (): void => {
    this.#settled();
    this.#socket.terminate();
    this.#attempt.reject(this.#attempt.signal?.reason); // the very reason that the caller gave
  };

  #settled(): void {
    this.#attempt.signal?.removeEventListener("abort", this.#onAbort);
  }
}
// #endregion

function refusal(status: number | undefined, retryAfterMs: number | undefined): WsError {
  if (status === undefined) {
    const message = "the connection was refused";
    return new WsError({ kind: "connection", code: "ECONNREFUSED", message });
  }
  return upgradeRefused("cannot connect", status, { retryAfterMs });
}
