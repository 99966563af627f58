import type { Timer } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { Liveness, STALL_MS } from "../core/liveness.js";
import type { SupervisorInput } from "../core/supervisor-messages.js";
import { peerSilent } from "./failures.js";
import type { Outbound } from "./outbound.js";
import type { Trace } from "../core/trace.js";

/** Watches the receiving direction of the open connection: probes a silent peer, then drops it. */
export class Silence {
  readonly #timer: Pick<Timer, "wallNow">;
  readonly #outbound: Outbound;
  readonly #trace: Trace;
  /** `undefined` with `liveness: false`: silence is not judged then. */
  readonly #liveness: Liveness | undefined;

  constructor(
    config: ResilienceConfig["liveness"],
    timer: Pick<Timer, "wallNow">,
    outbound: Outbound,
    trace: Trace,
  ) {
    this.#timer = timer;
    this.#outbound = outbound;
    this.#trace = trace;
    this.#liveness = config === false ? undefined : new Liveness(config);
  }

  /** A connection is open. */
  opened(now: number): void {
    this.#liveness?.open(now, this.#timer.wallNow());
  }

  /** Something arrived. */
  heard(at: number): void {
    this.#liveness?.inbound(at);
  }

  /** Whether the present silence, as far as {@link heard} was told, began before `at`. */
  isBefore(at: number): boolean {
    return this.#liveness !== undefined && this.#liveness.silentSince < at;
  }

  /** When {@link judge} has something to do, while the connection is up. */
  get nextDeadline(): number | undefined {
    return this.#liveness?.nextDeadline;
  }

  /**
   * Sends a probe when it is time.
   *
   * @param lateMs by how much the actor's timer fired late
   * @returns what the supervisor is to be told, if anything
   */
  judge(now: number, lateMs: number): SupervisorInput | undefined {
    const liveness = this.#liveness;
    if (liveness === undefined) return undefined;
    const silentMs = now - liveness.silentSince;
    const verdict = liveness.tick(now, this.#timer.wallNow(), lateMs);
    switch (verdict) {
      case "none":
      case "confirm":
        return undefined;
      case "stalled":
        this.#trace({ kind: "stall", at: now, lateMs, slept: liveness.slept });
        this.#probe(now, silentMs);
        return undefined;
      case "probe":
        this.#probe(now, silentMs);
        return undefined;
      case "stale":
        return { kind: "silent" };
      case "dead":
        return { kind: "failed", error: peerSilent(silentMs, liveness.deadAfterMs) };
      default:
        return verdict satisfies never;
    }
  }

  /**
   * There is reason to doubt the socket, or our own timers. A probe goes out, unless a judgement is
   * overdue, which sends one by itself.
   *
   * @returns by how much our timer is late, for {@link judge}
   */
  doubt(now: number): number {
    const liveness = this.#liveness;
    const lateMs = liveness === undefined ? 0 : Math.max(0, now - liveness.nextDeadline);
    if (liveness === undefined || lateMs > STALL_MS) return lateMs;
    liveness.probed();
    this.#probe(now, now - liveness.silentSince);
    return 0;
  }

  #probe(now: number, silentMs: number): void {
    if (this.#outbound.ping(now)) this.#trace({ kind: "probe", at: now, silentMs });
  }
}
