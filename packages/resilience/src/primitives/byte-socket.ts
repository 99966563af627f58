/** An end of a connection: an IP address, or what stands for one in a simulation, and a port. */
export interface ByteAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Told what happens to a {@link ByteSocket}. Each call is a turn of its own, never within a call to
 * the socket. After `failed`, and after the owner's `destroy` or `reset`, nothing more is told.
 */
export interface ByteSocketEvents {
  /** The socket was read. The bytes belong to the receiver. */
  data(bytes: Uint8Array): void;
  /** The peer has ended its side (FIN). Nothing more is read; writing still works. */
  ended(): void;
  /** The connection is over. `code` of the error is one of the platform's: `ECONNRESET`, ... */
  failed(error: Error): void;
}

/**
 * A connected stream of bytes, as a transport needs it: what `node:net` and `node:tls` give on
 * Node, and what a simulated network gives in a test. It has no types of a platform.
 */
export interface ByteSocket {
  readonly local: ByteAddress;
  readonly remote: ByteAddress;
  /** Bytes that were written and that the operating system has not taken. */
  readonly bufferedBytes: number;
  /** Once, in the turn in which the socket was opened. Reading begins. */
  listen(events: ByteSocketEvents): void;
  /**
   * Sends bytes, which the caller does not change afterwards. `taken` is called once: when the
   * operating system has all of them, perhaps within this call, or with the reason why it never
   * will. It is not called after `destroy` and `reset`.
   */
  write(bytes: Uint8Array, taken: (error?: Error) => void): void;
  /** Reads nothing until {@link resume}; what arrives waits, and then the window closes. */
  pause(): void;
  resume(): void;
  /** Ends our side behind what was written (FIN). Reading goes on. */
  end(): void;
  /** Ends the connection with a reset (RST). What was written and not sent is lost. */
  reset(): void;
  /**
   * Closes the socket, as `close(2)` does: what the operating system has taken is still sent, and
   * the peer sees an end, or a reset if it had sent what was not read.
   */
  destroy(): void;
}

/** Where to, and how. */
export interface ByteDial {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether TLS would be spoken: a simulation can refuse that, and does not encrypt. */
  readonly isSecure: boolean;
}

/** Told how a dial goes, in a turn of its own each. */
export interface ByteDialEvents {
  /** The name has an address. */
  resolved(address: string): void;
  /** Connected. Call {@link ByteSocket.listen} in this turn. */
  opened(socket: ByteSocket): void;
  /** It came to nothing: `ENOTFOUND`, `ECONNREFUSED`, `ETIMEDOUT`, ... */
  failed(error: Error): void;
}

/** A port that accepts connections. */
export interface ByteListener {
  readonly port: number;
  /** Accepts no more; connections that stand go on. */
  close(): void;
}

/** What one machine can do with a network. */
export interface ByteNetwork {
  /** Returns the function that gives the dial up; nothing is told afterwards. */
  dial(to: ByteDial, events: ByteDialEvents): () => void;
  /**
   * Accepts connections on a port of this machine; 0 takes a free one. Throws `EADDRINUSE`.
   *
   * @param accepted gets each socket; it calls `listen` in that turn
   */
  listen(port: number, accepted: (socket: ByteSocket) => void): ByteListener;
}
