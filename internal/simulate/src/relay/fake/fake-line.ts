import type {
  LifecycleSnapshot,
  ReceivedFrame,
  ReconnectingConnection,
  Timer,
} from "@oath-ws/contract";
import { ReadHalf } from "@oath-ws/resilience";
import { connectedSnapshot } from "./fake-feed.js";

/** One connection to a venue whose frames are relayed as they are. */
export class FakeLine {
  /** What a relay reads of a connection, and no more. */
  readonly connection: ReconnectingConnection;
  readonly #timer: Timer;
  readonly #frames: ReceivedFrame[] = [];
  readonly #source: ReadHalf<ReceivedFrame>;
  readonly #listeners = new Set<() => void>();
  #snapshot: LifecycleSnapshot;
  #seq = 0;

  constructor(timer: Timer, id: string) {
    const frames = this.#frames;
    this.#timer = timer;
    this.#source = new ReadHalf<ReceivedFrame>({
      shift: () => frames.shift(),
      get size() {
        return frames.length;
      },
    });
    this.#snapshot = connectedSnapshot(id);
    const now = (): LifecycleSnapshot => this.#snapshot;
    const lifecycle = {
      get snapshot() {
        return now();
      },
      subscribe: (listener: () => void) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
    const connection = { sink: {}, source: this.#source, lifecycle };
    this.connection = connection as unknown as ReconnectingConnection;
  }

  push(text: string): void {
    const { epoch } = this.#snapshot;
    const receivedAt = this.#timer.now();
    const frame = { kind: "text", data: Buffer.from(text), epoch, seq: ++this.#seq, receivedAt };
    this.#frames.push(frame as unknown as ReceivedFrame);
    this.#source.wake();
  }

  /** The frames that come next were dropped before they could be read. */
  drop(count: number): void {
    this.#seq += count;
  }

  /** The line goes down, or comes back in a new epoch. */
  turn(isUp: boolean): void {
    const { epoch } = this.#snapshot;
    this.#snapshot = {
      ...this.#snapshot,
      phase: isUp ? "resumed" : "reconnecting",
      epoch: isUp ? epoch + 1 : epoch,
      downSince: isUp ? undefined : this.#timer.now(),
    };
    for (const listener of Array.from(this.#listeners)) listener();
  }
}
