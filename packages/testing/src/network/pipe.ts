/**
 * How bytes travel in one direction of a connection.
 *
 * `write` waits until the sender's system has room; the system sends as much as the receiver's
 * window allows; a packet arrives after the link's latency, in the order of sending; what has
 * arrived waits until the receiver reads. A reader that reads nothing thereby closes the window,
 * the sender's system fills up, and writes stay untaken.
 *
 * A black hole keeps packets from leaving: the system holds them, and sends them when the hole is
 * gone, or ends the connection with `ETIMEDOUT`.
 */
import type { ByteSocketEvents } from "@oath-ws/resilience/leaf";
import { ByteQueue } from "./byte-queue.js";
import type { HostTimer } from "./host-timer.js";
import type { LinkSettings } from "./link-settings.js";
import type { SeededRandom } from "../seeded-random.js";
import type { VirtualTimer } from "../virtual-timer.js";

/** The most that one read brings, as on Node. */
const READ_BYTES = 65_536;

/** What a {@link Pipe} stands in. */
export interface PipeParts {
  readonly world: VirtualTimer;
  readonly random: SeededRandom;
  readonly settings: () => LinkSettings;
  readonly receiver: HostTimer;
  /** Told each packet that leaves and each read, for the network's observers. */
  readonly told: (kind: "sent" | "read", bytes: Uint8Array) => void;
  /** Data has arrived at a socket that is closed: its system answers with a reset. */
  readonly refused: () => void;
  /** The sender's system gives the connection up. */
  readonly timedOut: () => void;
  /** Asked before each packet: whether something between the hosts answers with a reset. */
  readonly isForgotten: () => boolean;
}

interface UntakenWrite {
  rest: Uint8Array;
  readonly taken: (error?: Error) => void;
}

/** What arrives at a moment of the world: bytes, or a call of its own. */
interface Packet {
  readonly at: number;
  readonly sentAt: number;
  readonly bytes: Uint8Array | undefined;
  readonly run: (() => void) | undefined;
}

/** One direction of a connection. */
export class Pipe {
  readonly #parts: PipeParts;
  readonly #untaken: UntakenWrite[] = [];
  #untakenBytes = 0;
  /** Taken by the sender's system, and not sent. */
  readonly #unsent = new ByteQueue();
  #endWaits = false;
  readonly #inFlight: Packet[] = [];
  #inFlightBytes = 0;
  #lastAt = 0;
  #cancelArrival: (() => void) | undefined;
  /** Arrived and not read. */
  readonly #unread = new ByteQueue();
  #ending: "end" | Error | undefined;
  #reader: ByteSocketEvents | undefined;
  #isReading = false;
  #cancelRead: (() => void) | undefined;
  #isHoled = false;
  #areAcksHoled = false;
  #isWindowShut = false;
  /** News of the window is on its way to the sender. */
  #isOpening = false;
  #cancelTimeout: (() => void) | undefined;
  /** The sender's side is over: nothing more is sent. */
  #isSenderGone = false;
  #isReceiverGone = false;

  constructor(parts: PipeParts) {
    this.#parts = parts;
  }

  /** Bytes of writes that the sender's system has not taken. */
  get untakenBytes(): number {
    return this.#untakenBytes;
  }

  // The sender's calls.

  write(bytes: Uint8Array, taken: (error?: Error) => void): void {
    this.#untaken.push({ rest: bytes, taken });
    this.#untakenBytes += bytes.length;
    this.#pump();
  }

  /** Ends this direction behind what was written. */
  end(): void {
    this.#endWaits = true;
    this.#pump();
  }

  /** The sender's socket is closed: untaken writes are lost; what was taken is still sent. */
  close(): void {
    this.#loseUntaken();
    this.end();
  }

  /** The sender's socket is over: nothing more of it leaves. */
  stop(): void {
    this.#isSenderGone = true;
    this.#loseUntaken();
    this.#unsent.clear();
    this.#endWaits = false;
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
  }

  /** Fails what the sender's system has not taken, and stops. */
  failWrites(error: Error): void {
    const untaken = this.#untaken.splice(0);
    this.stop();
    for (const { taken } of untaken) taken(error);
  }

  /**
   * Runs something at the receiver behind everything that was sent: a packet without bytes. A
   * black hole swallows it.
   */
  signal(run: () => void): void {
    if (!this.#isHoled) this.#fly(undefined, run);
  }

  // The receiver's calls.

  listen(reader: ByteSocketEvents): void {
    this.#reader = reader;
    this.resume();
  }

  pause(): void {
    this.#isReading = false;
    this.#cancelRead?.();
    this.#cancelRead = undefined;
  }

  resume(): void {
    this.#isReading = true;
    this.#readLater();
  }

  /** The receiver's socket is closed. Returns whether something was left unread. */
  closeReader(): boolean {
    this.pause();
    this.#isReceiverGone = true;
    this.#reader = undefined;
    const left = this.#unread.bytes > 0;
    this.#unread.clear();
    return left;
  }

  /** A reset has come: it is told behind what has arrived. */
  arriveError(error: Error): void {
    if (this.#ending instanceof Error || this.#isReceiverGone) return;
    this.#ending = error;
    if (this.#isReading) this.#readLater();
  }

  // What happens on the way.

  /** Packets of this direction leave no more, or again. */
  setHole(isHoled: boolean): void {
    this.#isHoled = isHoled;
    this.#holesChanged();
  }

  /** What acknowledges them is lost, or no more. */
  setAckHole(isHoled: boolean): void {
    this.#areAcksHoled = isHoled;
    this.#holesChanged();
  }

  /** The receiver's system takes nothing, or takes again. */
  setWindowShut(isShut: boolean): void {
    this.#isWindowShut = isShut;
    this.#windowOpens();
  }

  /** Settings have changed. */
  settingsChanged(): void {
    this.#pump();
  }

  /** Both ends have let go of the connection. */
  dispose(): void {
    this.stop();
    this.#inFlight.length = 0;
    this.#cancelArrival?.();
    this.#cancelRead?.();
  }

  #holesChanged(): void {
    if (this.#isHoled || this.#areAcksHoled) {
      this.#pump();
      return;
    }
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    this.#windowOpens();
  }

  /** The sender learns one latency later that there is room. */
  #windowOpens(): void {
    if (this.#isOpening || (this.#unsent.bytes === 0 && !this.#endWaits)) return;
    this.#isOpening = true;
    const { world, settings } = this.#parts;
    world.scheduleArrival(settings().latencyMs, () => {
      this.#isOpening = false;
      this.#pump();
    });
  }

  /** Takes and sends what can be. */
  #pump(): void {
    if (this.#isSenderGone) return;
    const settings = this.#parts.settings();
    for (;;) {
      this.#take(settings);
      const bytes = this.#unsent.take(Math.min(settings.segmentBytes, this.#window(settings)));
      if (bytes === undefined) break;
      if (this.#areAcksHoled) this.#awaitAcks(settings);
      if (this.#parts.isForgotten()) return;
      this.#parts.told("sent", bytes);
      this.#fly(bytes, undefined);
    }
    if (this.#isHoled && (this.#unsent.bytes > 0 || this.#endWaits)) this.#awaitAcks(settings);
    if (!this.#endWaits || this.#isHoled) return;
    if (this.#unsent.bytes > 0 || this.#untaken.length > 0) return;
    this.#endWaits = false;
    this.#fly(undefined, () => this.#arriveEnd());
  }

  #take({ sendBufferBytes }: LinkSettings): void {
    for (let first = this.#untaken[0]; first !== undefined; first = this.#untaken[0]) {
      const room = sendBufferBytes - this.#unsent.bytes;
      if (room <= 0) return;
      if (first.rest.length > room) {
        this.#unsent.add(first.rest.subarray(0, room));
        this.#untakenBytes -= room;
        first.rest = first.rest.subarray(room);
        return;
      }
      this.#unsent.add(first.rest);
      this.#untakenBytes -= first.rest.length;
      this.#untaken.shift();
      first.taken();
    }
  }

  #window({ receiveBufferBytes }: LinkSettings): number {
    if (this.#isHoled || this.#isWindowShut) return 0;
    return Math.max(0, receiveBufferBytes - this.#inFlightBytes - this.#unread.bytes);
  }

  #awaitAcks({ retransmitTimeoutMs }: LinkSettings): void {
    this.#cancelTimeout ??= this.#parts.world.schedule(retransmitTimeoutMs, () =>
      this.#parts.timedOut(),
    );
  }

  #loseUntaken(): void {
    this.#untaken.length = 0;
    this.#untakenBytes = 0;
  }

  #fly(bytes: Uint8Array | undefined, run: (() => void) | undefined): void {
    const { world, random, settings } = this.#parts;
    const { latencyMs, jitterMs } = settings();
    const now = world.now();
    const last = this.#inFlight[this.#inFlight.length - 1];
    // What one turn writes leaves together.
    const isBehind = last?.sentAt === now;
    const drawn = isBehind || jitterMs === 0 ? 0 : random.next() * jitterMs;
    this.#lastAt = isBehind ? last.at : Math.max(this.#lastAt, now + latencyMs + drawn);
    this.#inFlight.push({ at: this.#lastAt, sentAt: now, bytes, run });
    this.#inFlightBytes += bytes?.length ?? 0;
    this.#expect();
  }

  #expect(): void {
    const next = this.#inFlight[0];
    if (next === undefined || this.#cancelArrival !== undefined) return;
    const { world, receiver } = this.#parts;
    this.#cancelArrival = receiver.scheduleArrival(Math.max(0, next.at - world.now()), () => {
      this.#cancelArrival = undefined;
      this.#arrive();
      this.#expect();
    });
  }

  /** Everything that has arrived by now, up to the first packet that is a call. */
  #arrive(): void {
    const { world } = this.#parts;
    for (let next = this.#inFlight[0]; next !== undefined; next = this.#inFlight[0]) {
      if (next.at > world.now()) break;
      this.#inFlight.shift();
      if (next.run !== undefined) {
        next.run();
        break;
      }
      const bytes = next.bytes ?? NONE;
      this.#inFlightBytes -= bytes.length;
      if (this.#isReceiverGone) {
        this.#parts.refused();
        return;
      }
      this.#unread.add(bytes);
    }
    if (this.#cancelRead === undefined) this.#read();
  }

  #arriveEnd(): void {
    if (this.#isReceiverGone) return;
    this.#ending ??= "end";
    if (this.#isReading) this.#readLater();
  }

  #readLater(): void {
    if (this.#unread.bytes === 0 && this.#ending === undefined) return;
    this.#cancelRead ??= this.#parts.receiver.scheduleArrival(0, () => {
      this.#cancelRead = undefined;
      this.#read();
    });
  }

  /** One read of the socket. */
  #read(): void {
    if (!this.#isReading || this.#reader === undefined) return;
    const { random, settings, told } = this.#parts;
    const { partialReads } = settings();
    let most = READ_BYTES;
    if (partialReads > 0 && this.#unread.bytes > 1 && random.next() < partialReads)
      most = 1 + random.int(this.#unread.bytes - 1);
    const bytes = this.#unread.take(most);
    if (bytes === undefined) return this.#readEnding(this.#reader);
    this.#windowOpens();
    told("read", bytes);
    this.#reader.data(bytes);
    if (this.#isReading) this.#readLater();
  }

  #readEnding(reader: ByteSocketEvents): void {
    const ending = this.#ending;
    if (ending === undefined) return;
    this.#isReading = false;
    if (ending === "end") {
      reader.ended();
    } else {
      this.closeReader();
      reader.failed(ending);
    }
  }
}

const NONE = new Uint8Array(0);
