import type { LeafConnection, WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { RoundTrip } from "../core/round-trip.js";
import { WriteWatch } from "../core/write-watch.js";
import { earliest } from "../primitives/alarm.js";
import { writeStalled } from "./failures.js";
import { Pings } from "./pings.js";
import type { SendQueue } from "./send-queue.js";
import type { Trace } from "../core/trace.js";

/** The part of `liveness` that is about the sending direction. */
type OutboundConfig = Pick<
  Exclude<ResilienceConfig["liveness"], false>,
  "writeStallMs" | "roundTripEveryMs"
>;

/** With `liveness: false`. */
const UNWATCHED: OutboundConfig = { writeStallMs: false, roundTripEveryMs: undefined };

/** Watches the sending direction of the open connection: whether bytes leave, and how fast. */
export class Outbound {
  readonly #config: OutboundConfig;
  readonly #sends: SendQueue;
  readonly #trace: Trace;
  /** Sent in place of a ping where the platform has none. */
  readonly #probe: string | undefined;
  /** Made when bytes are held for the first time. */
  #writes: WriteWatch | undefined = undefined;
  /** Made with the first ping: a busy feed never needs one. */
  #roundTrip: RoundTrip | undefined = undefined;
  #connection: LeafConnection | undefined = undefined;
  /** Of this connection; made with its first ping. */
  #pings: Pings | undefined = undefined;
  /** When the next ping that only measures is due; it is put off by every other ping. */
  #measureAt = Number.POSITIVE_INFINITY;

  constructor(
    config: ResilienceConfig["liveness"],
    sends: SendQueue,
    trace: Trace,
    probe?: string,
  ) {
    this.#config = config === false ? UNWATCHED : config;
    this.#sends = sends;
    this.#trace = trace;
    this.#probe = probe;
  }

  /** The round trip of the last answered ping, in milliseconds; `undefined` before the first. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip?.lastMs;
  }

  /** By how much the send limit is widened, in milliseconds; `undefined` without a limit. */
  get slackMs(): number | undefined {
    return this.#sends.limit?.slackMs;
  }

  /** The send queue is told, too. */
  opened(epoch: number, connection: LeafConnection, now: number): void {
    this.#connection = connection;
    this.#pings = undefined;
    this.#sends.opened(epoch, connection, now);
    this.#writes?.open();
    this.#roundTrip?.open();
    this.#putOff(now);
  }

  /**
   * To be called before the connection is destroyed: the reason is then the cause of what the sends
   * in flight are told. See {@link SendQueue.ended}.
   */
  ended(error: WsError | undefined): void {
    this.#connection = undefined;
    this.#pings = undefined;
    this.#sends.ended(error);
  }

  /** When {@link judge} has something to do, while the connection is up. */
  get nextDeadline(): number | undefined {
    const measureAt = this.#measureAt === Number.POSITIVE_INFINITY ? undefined : this.#measureAt;
    return earliest(this.#writes?.nextDeadline, measureAt);
  }

  /**
   * Sends a ping, if one may go out, counts it for the send limit, and measures the round trip when
   * it is answered. Returns whether it went out.
   */
  ping(now: number): boolean {
    this.#putOff(now);
    const connection = this.#connection;
    if (connection === undefined) return false;
    if (!connection.controlFrames && this.#probe === undefined) return false;
    const pings = (this.#pings ??= new Pings(
      connection,
      () => this.#sends.limit?.left(),
      this.#probe,
    ));
    if (!pings.areFree) return false;
    this.#sends.limit?.hold(now);
    pings.send((this.#roundTrip ??= new RoundTrip()).ping(now));
    return true;
  }

  /** A pong came, in the read of the socket at `at`. */
  ponged(payload: Uint8Array, at: number): void {
    const roundTrip = this.#roundTrip;
    if (roundTrip?.pong(payload, at) !== true) return;
    this.#sends.limit?.adapt((windowMs) => roundTrip.slackMs(windowMs));
  }

  /**
   * Looks whether bytes leave, and measures the round trip when it is time.
   *
   * @param rung whether the actor's timer fired, so that a poll phase lies before this turn
   * @returns why the connection has to be dropped
   */
  judge(now: number, rung: boolean): WsError | undefined {
    const connection = this.#connection;
    if (connection === undefined || !(rung || this.#sends.isWriting)) return undefined;
    const held = connection.bufferedBytes;
    const { writeStallMs } = this.#config;
    if (held > 0) this.#writes ??= new WriteWatch(writeStallMs);
    const writes = this.#writes;
    writes?.look(now, held, this.#sends.sentCount);
    if (!rung) return undefined;
    if (now >= this.#measureAt) this.#measure(now);
    if (writeStallMs === false || writes?.tick(now) !== "stalled") return undefined;
    const stalledMs = now - writes.since;
    this.#trace({ kind: "writeStall", at: now, bytes: held, stalledMs });
    return writeStalled(held, stalledMs, writeStallMs);
  }

  #measure(now: number): void {
    if (this.#sends.limit?.hasTwoFree(now) === false) this.#putOff(now);
    else this.ping(now);
  }

  #putOff(now: number): void {
    const everyMs = this.#config.roundTripEveryMs;
    const measures = everyMs !== undefined && this.#connection?.controlFrames === true;
    this.#measureAt = measures ? now + everyMs : Number.POSITIVE_INFINITY;
  }
}
