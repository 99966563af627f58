import type {
  CloseInfo,
  ConnectOptions,
  Frame,
  Handshake,
  LeafConnection,
  LeafEvents,
  LeafFrame,
  SendOutcome,
  WsConnector,
  WsError,
  WsSource,
} from "@oath-ws/contract";
import { ReadHalf } from "@oath-ws/resilience";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";
import { toUtf8 } from "./utf8.js";

/** The name of one method of `LeafEvents`. */
export type LeafEventName = keyof LeafEvents;

/** How a connection ended. */
export interface LeafEnd {
  readonly error: WsError | undefined;
}

/**
 * Dials a bare connector and collects what it tells, so that a test can wait for it: the frames in
 * {@link source}, everything else in plain fields. It answers no ping and closes nothing by itself.
 * What a connector must not do (events out of order, an outcome told twice) is in
 * {@link violations}.
 */
export class LeafRecorder implements LeafEvents {
  /**
   * The frames in the order of their arrival. Ends cleanly after the peer's close frame, which is
   * the last one, and when the test closed or destroyed the connection; otherwise with the error.
   */
  readonly source: WsSource<Frame>;
  /** Every event so far, by name. */
  readonly log: LeafEventName[] = [];
  /** What the connector did against its contract, as sentences. Should be empty. */
  readonly violations: string[] = [];
  /** When the socket was last read, as the connector told; `undefined` before the first read. */
  lastReadAt: number | undefined = undefined;
  /** Messages that were read and never told; `undefined` when the connector told of none. */
  droppedMessages: { readonly frames: number; readonly bytes: number } | undefined = undefined;
  /** The peer's close frame, once it arrived. */
  closeInfo: CloseInfo | undefined = undefined;
  /** Set by the `ended` event. */
  end: LeafEnd | undefined = undefined;
  readonly #frames: Frame[] = [];
  readonly #half: ReadHalf<Frame>;
  #connection: LeafConnection | undefined = undefined;
  #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

  constructor() {
    const frames = this.#frames;
    this.#half = new ReadHalf<Frame>({
      shift: () => frames.shift(),
      get size() {
        return frames.length;
      },
    });
    this.source = this.#half;
  }

  /**
   * Dials, and resolves with the recorder once the connection is open. Rejects as `connect` does.
   */
  static async connect(
    connector: WsConnector,
    handshake: Handshake,
    options?: ConnectOptions,
  ): Promise<LeafRecorder> {
    const recorder = new LeafRecorder();
    const connection = await connector.connect(handshake, recorder, options);
    if (connection !== recorder.#connection)
      recorder.#violated("connect() resolved with another connection than opened() told");
    return recorder;
  }

  /** The open connection, also after its end. Throws before `opened`. */
  get connection(): LeafConnection {
    if (this.#connection === undefined) throw new Error("the connection was not opened");
    return this.#connection;
  }

  /** Sends a frame. Resolves and rejects as its outcome is told. */
  send(frame: Frame | string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      let told = 0;
      const once = (): void => {
        if (++told > 1) this.#violated("the outcome of a send was told twice");
      };
      const outcome: SendOutcome = {
        sent: () => {
          once();
          resolve();
        },
        failed: (error) => {
          once();
          reject(error);
        },
      };
      try {
        this.connection.send(frame, outcome);
      } catch (error) {
        this.#violated(`send() threw: ${String(error)}`);
        reject(error);
      }
    });
  }

  /** Closes the connection and waits for its end. Rejects with what `close` throws. */
  async close(code?: number, reason?: string): Promise<void> {
    this.connection.close(code, reason);
    await this.untilEnded();
  }

  /** Drops the socket now. */
  destroy(): void {
    this.connection.destroy();
  }

  /** Resolves with what `ended` tells. */
  async untilEnded(): Promise<WsError | undefined> {
    await this.#until(() => this.end !== undefined);
    return this.end?.error;
  }

  /** Resolves once the peer's close frame arrived, or the connection ended without one. */
  untilOver(): Promise<void> {
    return this.#until(() => this.closeInfo !== undefined || this.end !== undefined);
  }

  opened(connection: LeafConnection): void {
    if (this.log.length > 0) this.#violated("opened() was not the first event");
    this.log.push("opened");
    this.#connection = connection;
  }

  read(at: number): void {
    this.#note("read");
    if (this.lastReadAt !== undefined && at < this.lastReadAt)
      this.#violated("read() told of an earlier time than the one before");
    this.lastReadAt = at;
  }

  frame(frame: LeafFrame): void {
    this.#note("frame");
    if (this.closeInfo !== undefined) this.#violated("frame() came after closed()");
    if (this.lastReadAt === undefined) this.#violated("frame() came before any read()");
    this.#frames.push(frame);
    this.#half.wake();
  }

  dropped(frames: number, bytes: number): void {
    if (this.droppedMessages !== undefined) this.#violated("dropped() was called twice");
    if (!(frames >= 1)) this.#violated("dropped() told of no frame");
    this.#note("dropped");
    this.droppedMessages = { frames, bytes };
  }

  closed(code: number, reason: string | Uint8Array): void {
    if (this.closeInfo !== undefined) this.#violated("closed() was called twice");
    this.#note("closed");
    const data = typeof reason === "string" ? toUtf8(reason) : reason;
    this.closeInfo = { code, reason: typeof reason === "string" ? reason : decodeUtf8(reason) };
    this.#frames.push({ kind: "close", code, data });
    this.#half.end();
    this.#settle();
  }

  ended(error: WsError | undefined): void {
    this.#note("ended");
    this.end ??= { error };
    this.#half.end(error);
    this.#settle();
  }

  #note(event: LeafEventName): void {
    if (this.#connection === undefined) this.#violated(`${event}() came before opened()`);
    if (this.end !== undefined) this.#violated(`${event}() came after ended()`);
    this.log.push(event);
  }

  #violated(sentence: string): void {
    this.violations.push(sentence);
  }

  async #until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ isMet, resolve });
    });
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ isMet }) => !isMet());
    for (const { isMet, resolve } of waiting) if (isMet()) resolve();
  }
}
