import { isTerminal } from "oath-ws";
import type { ConnectionMessage, ConnectionStats, ObservedConnection, TraceEvent } from "oath-ws";
import { now, unixMs } from "./clock.js";
import type { ConnectionDetail, Figures, Point, Stretch } from "./protocol.js";
import { Ring } from "./ring.js";

/** Stretches of a strip that are kept: some minutes of a connection that flaps. */
const MAX_STRETCHES = 300;
/** Points of the charts that are kept: a quarter of an hour. */
const MAX_POINTS = 1_800;

/** Total figures when they were read last. */
interface Totals {
  readonly at: number;
  readonly frames: number;
  readonly bytes: number;
  readonly lagged: number;
}

/** One connection of the process: its figures, and the latest of its past. It keeps none alive. */
export class WatchedConnection {
  readonly key: number;
  readonly stretches: Ring<Stretch> = new Ring(MAX_STRETCHES);
  readonly points: Ring<Point> = new Ring(MAX_POINTS);
  readonly #message: ConnectionMessage;
  #dial: ConnectionDetail["dial"] = [];
  #totals: Totals | undefined;
  #figures: Figures;
  #isOver = false;

  constructor(key: number, message: ConnectionMessage) {
    this.key = key;
    this.#message = message;
    const { connection, endpoint } = message;
    this.#figures = {
      key,
      name: connection.name,
      endpoint,
      phase: "connecting",
      epoch: 0,
      attempts: 0,
      waitingFor: undefined,
      waitingUntil: undefined,
      gateWaitMs: 0,
      framesPerS: 0,
      bytesPerS: 0,
      lagged: 0,
      behindMs: 0,
      roundTripMs: undefined,
      dataAgeMs: undefined,
      unsettled: 0,
      staleCount: 0,
      downMs: 0,
      blindSince: undefined,
      tls: "none",
    };
    this.stretches.push({ at: unixMs(now()), phase: "connecting", epoch: 0 });
  }

  /** As they were at the last {@link sample}. */
  get figures(): Figures {
    return this.#figures;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The steps of the last dial. */
  get dial(): ConnectionDetail["dial"] {
    return this.#dial;
  }

  trace(event: TraceEvent): void {
    if (event.kind === "attempt") this.#dial = [];
    if (event.kind === "phase" && this.#dial.length < 16)
      this.#dial = [...this.#dial, { step: event.phase, elapsedMs: event.elapsedMs }];
    if (event.kind !== "transition") return;
    const { phase, epoch } = event.to;
    this.stretches.push({ at: unixMs(event.at), phase, epoch });
    if (isTerminal(phase)) {
      this.#end(phase, epoch);
    }
  }

  /**
   * Reads the figures. A connection whose memory was released has ended.
   *
   * @returns frames that the receive buffer dropped since the last time
   */
  sample(): number {
    if (this.#isOver) return 0;
    const observed = this.#message.deref();
    if (observed === undefined) {
      this.stretches.push({ at: unixMs(now()), phase: "closed", epoch: this.#figures.epoch });
      this.#end("closed", this.#figures.epoch);
      return 0;
    }
    return this.#take(observed, observed.stats());
  }

  /** Asks for a reconnect. `false` when the connection has ended. */
  reconnect(): boolean {
    const observed = this.#isOver ? undefined : this.#message.deref();
    observed?.trigger.forceReconnect("asked for on the dashboard");
    return observed !== undefined;
  }

  #take({ lifecycle }: ObservedConnection, stats: ConnectionStats): number {
    const { snapshot } = lifecycle;
    const totals: Totals = {
      at: stats.at,
      frames: stats.totalReceivedFrames,
      bytes: stats.totalReceivedBytes,
      lagged: stats.totalLaggedFrames,
    };
    const before = this.#totals ?? totals;
    const seconds = (totals.at - before.at) / 1_000;
    const rate = (from: number, to: number): number => (seconds > 0 ? (to - from) / seconds : 0);
    const framesPerS = rate(before.frames, totals.frames);
    const bytesPerS = rate(before.bytes, totals.bytes);
    this.#totals = totals;
    const { roundTripMs, dataAgeMs, tls } = stats;
    this.#figures = {
      key: this.key,
      name: stats.connection.name,
      endpoint: stats.endpoint,
      phase: stats.phase,
      epoch: stats.epoch,
      attempts: stats.totalAttempts,
      waitingFor: stats.waitingFor,
      waitingUntil: inUnixMs(snapshot.waitingUntil),
      gateWaitMs: stats.totalGateWaitMs,
      framesPerS,
      bytesPerS,
      lagged: stats.totalLaggedFrames,
      behindMs: stats.readerBehindMs,
      roundTripMs,
      dataAgeMs,
      unsettled: stats.unsettledSends,
      staleCount: stats.totalStale,
      downMs: stats.totalDownMs,
      blindSince: inUnixMs(snapshot.blindSince),
      tls: tls === undefined ? "none" : tls.verification === "off" ? "unverified" : "verified",
    };
    const at = unixMs(stats.at);
    const lagged = totals.lagged - before.lagged;
    this.points.push({ at, framesPerS, bytesPerS, lagged, roundTripMs, dataAgeMs });
    return lagged;
  }

  #end(phase: "closed" | "unrecoverable", epoch: number): void {
    this.#isOver = true;
    this.#figures = {
      ...this.#figures,
      phase,
      epoch,
      framesPerS: 0,
      bytesPerS: 0,
      unsettled: 0,
      waitingFor: undefined,
      waitingUntil: undefined,
    };
  }
}

function inUnixMs(at: number | undefined): number | undefined {
  return at === undefined ? undefined : unixMs(at);
}
