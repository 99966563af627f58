import type { Lifecycle, ReconnectingConnection, ReconnectingConnector } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import type { ConnectorSettings } from "@oath-ws/venue-kit";

/** Who is told of a {@link Wire}'s connection. */
export interface WireOwner {
  /** A connection is up: nothing of the one before it is valid. */
  up(epoch: number): void;
  /** It is down, or over for good. */
  down(): void;
}

/** Sees the one connection that the kit has made, and speaks on it beside the kit's commands. */
export class Wire {
  readonly #owner: WireOwner;
  #connection: ReconnectingConnection | undefined;
  #epoch = 0;

  constructor(owner: WireOwner) {
    this.#owner = owner;
  }

  /** The epoch of the connection that is up; 0 for none. */
  get epoch(): number {
    return this.#epoch;
  }

  /** What the kit has to be given in place of the platform's own. */
  wrap(
    build: (settings: ConnectorSettings) => ReconnectingConnector,
  ): (settings: ConnectorSettings) => ReconnectingConnector {
    return (settings) => {
      const connector = build(settings);
      return {
        connect: async (handshake, options) => {
          const connection = await connector.connect(handshake, options);
          this.#enter(0);
          this.#connection = connection;
          const { lifecycle } = connection;
          // Before the kit does: what it says first on a connection must find us ready.
          lifecycle.subscribe(() => this.#look(connection, lifecycle));
          this.#look(connection, lifecycle);
          return connection;
        },
      };
    };
  }

  /**
   * Says something on the connection that is up. When it does not leave, the connection is over, or
   * is given up: the next one begins anew, and nobody waits for what was never said.
   */
  say(text: string): void {
    const epoch = this.#epoch;
    if (epoch === 0) return;
    this.#connection?.sink.send(text, { epoch }).catch(() => {
      if (epoch === this.#epoch) this.forceReconnect("something could not be said");
    });
  }

  forceReconnect(reason: string): void {
    if (this.#epoch !== 0) this.#connection?.trigger.forceReconnect(reason);
  }

  /** Levels and numbers are compared, so nothing is missed if several changes came together. */
  #look(connection: ReconnectingConnection, { snapshot }: Lifecycle): void {
    if (connection !== this.#connection) return;
    const { phase, epoch, downSince } = snapshot;
    this.#enter(downSince === undefined && !isTerminal(phase) ? epoch : 0);
  }

  #enter(epoch: number): void {
    const was = this.#epoch;
    if (epoch === was) return;
    this.#epoch = epoch;
    if (was !== 0) this.#owner.down();
    if (epoch !== 0) this.#owner.up(epoch);
  }
}
