import type { ProtocolsSource, UrlSource } from "./address.js";
import type { StandardBinaryType } from "./payload.js";
import type { SocketFields } from "./socket-options.js";
import type { SocketPlatform } from "./socket-platform.js";
import { StandardSocket } from "./standard-socket.js";

/** What a `ReconnectingWebSocket` has on every platform. */
export abstract class ReconnectingSocket<
  Binary extends string = StandardBinaryType,
  Data = ArrayBuffer | Blob,
> extends StandardSocket<Binary, Data> {
  /** Starts to connect. See the classes for the parameters and for what is thrown. */
  protected constructor(
    platform: SocketPlatform<Binary, Data>,
    url: UrlSource,
    protocols: ProtocolsSource,
    options: SocketFields<Binary> | undefined,
  ) {
    super(platform, "reconnecting", url, protocols, options);
  }

  /** Attempts of the present outage beyond the first; 0 while up. */
  get retryCount(): number {
    return this.retries;
  }

  /**
   * Drops the connection and makes a new one at once, without the backoff, but never past the
   * attempt gate or a server's `Retry-After`. A `close` and an `open` follow.
   *
   * @param _code taken for compatibility and not sent
   * @param reason appears in `cause`; must hold no secret
   * @throws DOMException `InvalidStateError` while `CLOSING` or `CLOSED`; its `cause` is a
   *   `WsError` `SHUT_DOWN`
   */
  reconnect(_code?: number, reason?: string): void {
    this.forceReconnect(reason);
  }
}
