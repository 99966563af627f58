/** Options of {@link WsControl.shutdown}. */
export interface ShutdownOptions {
  /**
   * How long the closing handshake may take before the socket is dropped, in milliseconds. Default:
   * `shutdown.timeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
  /** The close code to send: 1000 (the default), 3000-4999, or 1005 to send none. */
  readonly code?: number | undefined;
  /** The close reason to send; at most 123 bytes of UTF-8, empty with code 1005. Default empty. */
  readonly reason?: string | undefined;
}

/** The right to end a connection. It has one owner; hand the other parts around instead. */
export interface WsControl {
  /**
   * Ends the connection for good, from any phase: no further attempt is made, sends that have not
   * left reject, the source ends after its buffered frames, and the phase becomes `closed`.
   * Resolves when the socket is gone, at the latest `timeoutMs` after the first call, whatever the
   * peer does. Idempotent: later calls get the same promise. Rejects only for invalid options
   * (`CONFIG_INVALID`), in which case nothing was ended.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}

/** The right to ask for a new connection, for instance from an adapter's own watchdog. */
export interface ReconnectTrigger {
  /**
   * Asks for a new connection. A socket that is open is kept, and reads and sends go on, until the
   * attempt gate has a slot: `waitingFor` in the snapshot shows that. Then the socket is closed
   * with a close frame (at most 250 ms; a silent one is dropped) and the next attempt begins.
   * Without a socket the backoff is skipped; the gate, a `Retry-After` and the pause of a minute
   * between refused tries are not. Calls made while a reconnect is already under way do nothing
   * more. Without effect after shutdown or in a terminal phase.
   *
   * @param reason appears in the `cause` of the lifecycle; must hold no secret
   */
  forceReconnect(reason?: string): void;
}
