import type { ConnectionIdentity, Timer } from "@oath-ws/contract";
import { RecvBuffer, resolveConfig } from "@oath-ws/resilience";
import type { PartialConfig } from "@oath-ws/resilience";
import type { Item } from "../wire/item.js";
import type { ItemPlace } from "./intake.js";
import { JITTER_MS } from "./relayed-topic.js";
import type { ItemTimes } from "./relayed-topic.js";

/** The frames of a relayed connection that wait for their reader, and where they stand. */
export class RelayedFrames {
  readonly buffer: RecvBuffer;
  readonly #maxFrames: number;
  /** Places of the frames, the newest last; older ones than wait may be among them. */
  #places: ItemPlace[] = [];
  /** Frames that were taken in, and those of them whose age is not known: the first ones. */
  #taken = 0;
  #unaged = 0;
  /** When the newest frame arrived at its owner, by our clock that counts sleep. */
  #arrivedAt = Number.NEGATIVE_INFINITY;
  /** Frames that arrived up to then may have been told by another owner. */
  #doubtedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    bounds: PartialConfig["buffer"],
    timer: Timer,
    connection: ConnectionIdentity,
    onReaderChange: () => void,
  ) {
    const { buffer } = resolveConfig({ buffer: bounds });
    this.#maxFrames = buffer.maxFrames;
    this.buffer = new RecvBuffer({ bounds: buffer, timer, connection, onReaderChange });
  }

  /** How full the buffer is, 0 to 1. */
  get fill(): number {
    return this.buffer.size / this.#maxFrames;
  }

  /** Whether it is known how old the frame is that was handed out last. */
  get isAgeKnown(): boolean {
    return this.#taken - this.buffer.size > this.#unaged;
  }

  /** The place of the oldest frame that waits. */
  get oldestPlace(): ItemPlace | undefined {
    const { size } = this.buffer;
    return size === 0 ? undefined : this.#places[this.#places.length - size];
  }

  /** Another owner goes on, perhaps with frames that the one before it brought. */
  newOwner(): void {
    this.#doubtedUntil = this.#arrivedAt + JITTER_MS;
  }

  push({ kind, payload }: Item, epoch: number, place: ItemPlace, times: ItemTimes): void {
    if (times.arrivedAt <= this.#doubtedUntil) {
      this.buffer.skip(1, payload.length);
      return;
    }
    this.#arrivedAt = Math.max(this.#arrivedAt, times.arrivedAt);
    const frame = { kind: kind === "binary" ? kind : "text", data: payload } as const;
    this.buffer.push(frame, epoch, times.receivedAt);
    this.#taken++;
    if (!times.isAgeKnown) this.#unaged = this.#taken;
    this.#places.push(place);
    const { size } = this.buffer;
    if (this.#places.length >= 2 * size + 64)
      this.#places = this.#places.slice(this.#places.length - size);
  }
}
