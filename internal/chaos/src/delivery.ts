import type { ReceivedFrame, ReconnectingConnection } from "oath-ws";

/** A frame as the reader got it. */
export interface DeliveredFrame {
  readonly text: string;
  readonly seq: number;
  readonly epoch: number;
  readonly receivedAt: number;
  /** What the lifecycle said in the moment of delivery. */
  readonly epochKnown: number;
}

/** The one reader: writes down what it is given, and can be made to stop reading. */
export class Reader {
  readonly frames: DeliveredFrame[] = [];
  readonly #connection: ReconnectingConnection;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;

  constructor(connection: ReconnectingConnection) {
    this.#connection = connection;
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#paused = undefined;
  }

  /** Reads to the end, by either of the two ways. */
  async run(byLoop: boolean): Promise<void> {
    const { source } = this.#connection;
    if (byLoop) {
      for await (const frame of source) {
        this.#note(frame);
        await this.#paused;
      }
      return;
    }
    while (await source.readable()) {
      for (let frame = source.take(); frame !== undefined; frame = source.take()) this.#note(frame);
      await this.#paused;
    }
  }

  #note(frame: ReceivedFrame): void {
    const { seq, epoch, receivedAt } = frame;
    this.frames.push({
      text: frame.text(),
      seq,
      epoch,
      receivedAt,
      epochKnown: this.#connection.lifecycle.snapshot.epoch,
    });
  }
}
