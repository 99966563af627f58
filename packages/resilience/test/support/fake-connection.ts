import type {
  ConnectOptions,
  Frame,
  Handshake,
  LeafConnection,
  LeafEvents,
  SendOutcome,
  WsConnector,
} from "@oath-ws/contract";

/**
 * A connector's connection that confirms every frame at once, or holds the confirmations back until
 * told. The test tells events by hand.
 */
export class FakeConnection implements LeafConnection {
  readonly protocol = "v1.fake";
  readonly headers = {};
  readonly controlFrames = true;
  readonly bufferedBytes = 0;
  /** Everything that was handed over, in order. */
  readonly sent: (Frame | string | Uint8Array)[] = [];
  holding = false;
  destroyCount = 0;
  readonly #held: SendOutcome[] = [];

  send(frame: Frame | string | Uint8Array, outcome: SendOutcome): void {
    this.sent.push(frame);
    if (this.holding) this.#held.push(outcome);
    else outcome.sent();
  }

  close(): void {}

  destroy(): void {
    this.destroyCount++;
  }

  /**
   * Settles the oldest send that is held back: confirms it, or refuses it with `reason` if given.
   */
  settleOldest(reason?: unknown): void {
    const held = this.#held.shift();
    if (held === undefined) throw new Error("no send is held back");
    if (reason === undefined) held.sent();
    else held.failed(reason);
  }
}

export interface FakeDial {
  readonly handshake: Handshake;
  readonly events: LeafEvents;
  readonly options: ConnectOptions | undefined;
  readonly succeed: (connection: LeafConnection) => void;
  readonly fail: (reason: unknown) => void;
  /** Resolves the promise without telling that the connection is open. */
  readonly resolveOnly: (connection: LeafConnection) => void;
}

/** A connector whose attempts stay open until the test decides them. */
export class FakeConnector implements WsConnector {
  readonly dials: FakeDial[] = [];

  connect(
    handshake: Handshake,
    events: LeafEvents,
    options?: ConnectOptions,
  ): Promise<LeafConnection> {
    return new Promise((resolve, reject) => {
      const succeed = (connection: LeafConnection): void => {
        events.opened(connection);
        resolve(connection);
      };
      this.dials.push({ handshake, events, options, succeed, fail: reject, resolveOnly: resolve });
    });
  }

  get lastDial(): FakeDial {
    const dial = this.dials.at(-1);
    if (dial === undefined) throw new Error("nothing was dialled");
    return dial;
  }
}

export const HANDSHAKE: Handshake = { url: "wss://venue.test/stream", protocols: [], headers: {} };
