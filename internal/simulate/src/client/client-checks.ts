/**
 * What must hold in the transport half, at every step.
 *
 * "Settled" is a moment in which no turn of the scheduler and no promise reaction waits. Claims
 * about sockets are judged only then: between a socket's event and the actor's turn, which follows
 * in the same instant, the snapshot is one turn old.
 */
import type { LifecycleSnapshot, ReceivedFrame, TraceEvent } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { resolveConfig } from "@oath-ws/resilience";
import type { ResilienceConfig } from "@oath-ws/resilience";
import { demand } from "../core/violated.js";
import { BackoffClaim } from "./backoff-claim.js";
import type { ClientRun } from "./client-run.js";
import type { ClientSocket } from "./client-world.js";
import { hasPongBudget, PeerClaims } from "./peer-claims.js";
import { RetryAfterClaim } from "./retry-after-claim.js";
import type { SendRecord } from "./send-ledger.js";

/** What times may differ by when they come from different clocks. */
const ROUNDING_MS = 1.5;

/** After a stall or a sleep: one poll phase, and the turns that follow. */
const WAKE_UP_MS = 100;

/** Ages that `isFresh` is asked for. */
const AGES = [50, 1_000, 5_000, 30_000, 3_600_000];

/** States in which the socket carries data both ways: no close frame went out. */
const CARRYING = new Set(["up", "stale", "reserving", "staleReserving"]);
/** States in which a socket is left for another one, or for good, and not watched for silence. */
const LEAVING = new Set(["parting", "closing"]);
const TOTALS = [
  "epoch",
  "attempts",
  "staleCount",
  "totalDownMs",
  "totalLagged",
  "totalLaggedBytes",
] as const;

/** See the top of this file. */
export class ClientChecks {
  readonly #run: ClientRun;
  readonly #config: ResilienceConfig;
  #before: LifecycleSnapshot | undefined;
  /** Frames that were handed out. */
  taken = 0;
  /** The frame that was handed out last, with when the network gave it to the socket. */
  #lastTaken: { readonly frame: ReceivedFrame; readonly readAt: number } | undefined;
  /** What a wall clock that was set back may hide of the machine's sleep. */
  hiddenMs = 0;
  #checkedAttempts = 0;
  #checkedFrames = 0;
  readonly #backoff: BackoffClaim;
  readonly #peer: PeerClaims;
  readonly #retryAfter = new RetryAfterClaim();

  constructor(run: ClientRun) {
    this.#run = run;
    this.#config = resolveConfig(run.plan.setup.config);
    this.#backoff = new BackoffClaim(this.#config.backoff);
    this.#peer = new PeerClaims(this.#config.liveness);
  }

  /** For the detail of a violation. */
  get state(): string {
    const { snapshot, world } = this.#run;
    const open = world.recorded.open.map(({ index }) => index).join(",");
    const { phase, epoch, waitingFor, waitingUntil, cause } = snapshot ?? {};
    const waits = `waits for ${waitingFor} until ${waitingUntil}`;
    const sockets = `open sockets [${open}], host time ${world.timer.now()}`;
    return `phase ${phase}, epoch ${epoch}, ${waits}, cause ${cause?.code}, ${sockets}`;
  }

  /** Whether connection and socket are up, and the last reconnect that was asked for is done. */
  get isWell(): boolean {
    const { snapshot, forcedIn } = this.#run;
    const { phase, epoch = 0 } = snapshot ?? {};
    if (phase !== "connected" && phase !== "resumed") return false;
    return epoch > forcedIn && this.#socketOf(epoch)?.peer?.canSpeak === true;
  }

  /** The wall clock was set back: sleep of up to as long may not be seen. */
  steppedBack(ms: number): void {
    this.hiddenMs += ms;
  }

  /** Something is true now, and had to be by then, by the clock of the client's machine. */
  demandBy(at: number, what: string): void {
    const now = this.#run.world.timer.now();
    demand(now <= at, what, () => `it is ${now}, and was due at ${at}`);
  }

  /** The stack tells something. */
  traced(event: TraceEvent): void {
    const { plan, world } = this.#run;
    this.#retryAfter.traced(event, world.now());
    this.#peer.traced(event);
    if (plan.setup.endpoints === 1 && !plan.setup.asks)
      this.#backoff.traced(event, world.state === "backoff");
  }

  /** Called between any two turns. */
  look(isSettled: boolean): void {
    const { connection } = this.#run;
    this.#attempts();
    this.#sendLimit();
    if (connection === undefined) return;
    const { snapshot } = connection.lifecycle;
    if (snapshot !== this.#before) this.#totals(snapshot);
    if (!isSettled) return;
    this.#freshness(snapshot);
    if (this.#isHeld) return this.#peer.heldUp(this.#run.world.now());
    this.#sockets(snapshot);
    this.#figures(snapshot);
    this.#silence(snapshot);
    const { sender, world } = this.#run;
    sender?.ledger.checkWaiting(snapshot.epoch, world.now(), world.timer.sleptMs());
  }

  /** A frame is handed out. */
  took(frame: ReceivedFrame): void {
    this.taken++;
    const { snapshot } = this.#run;
    const epoch = snapshot?.epoch ?? 0;
    demand(
      frame.epoch <= epoch,
      "no frame of an epoch before the snapshot has it",
      () => `frame of epoch ${frame.epoch} in epoch ${epoch}`,
    );
    const holes = frame.seq - this.taken;
    demand(
      holes <= (snapshot?.totalLagged ?? 0),
      "a loss is told before its hole is seen",
      () => `${holes} frames are missing before ${frame.seq}, ${snapshot?.totalLagged} were told`,
    );
    const before = this.#lastTaken?.frame.seq ?? 0;
    demand(
      frame.seq > before,
      "frames come in the order of their seq",
      () => `${frame.seq} after ${before}`,
    );
    const message = this.#messageOf(frame);
    const text = frame.text();
    demand(
      message !== undefined && text.startsWith(`${message.id} `) && text.length === message.bytes,
      "a frame is what arrived in its place",
      () => `seq ${frame.seq} is ${text.slice(0, 30)}, and ${message?.id} arrived there`,
    );
    this.#lastTaken = { frame, readAt: message?.readAt ?? 0 };
  }

  settledSend(record: SendRecord, isSent: boolean, reason: unknown): string {
    const ledger = this.#run.sender?.ledger;
    return ledger?.settled(record, isSent, reason) ?? "";
  }

  /** After the shutdown, when everything has had its time. */
  checkEnd(): void {
    const { world, snapshot, connection, sender } = this.#run;
    demand(isTerminal(snapshot?.phase ?? "connecting"), "a shutdown ends it", () => this.state);
    demand(world.timer.pending === 0, "no timer is left", () => `${world.timer.pending} are`);
    const { liveCount } = world.world.spawn;
    demand(liveCount === 0, "no task is left", () => `${liveCount} are`);
    const open = world.recorded.open.length;
    demand(open === 0, "no socket is left", () => this.state);
    const stats = connection?.stats();
    const lagged = stats?.totalLaggedFrames ?? 0;
    const received = stats?.totalReceivedFrames ?? 0;
    const { reader } = this.#run;
    demand(
      reader?.isOver !== true || this.taken + lagged === received,
      "unaccounted is 0",
      () => `${received} received, ${this.taken} taken, ${lagged} lagged`,
    );
    for (const { id, fate } of sender?.ledger.records.values() ?? [])
      demand(fate !== undefined, "every send ends with a fate", () => id);
  }

  get #isHeld(): boolean {
    const { world } = this.#run;
    return world.now() <= world.heldUntil + WAKE_UP_MS || world.timer.isLate;
  }

  /** Every field is a level, or a total that never falls. */
  #totals(snapshot: LifecycleSnapshot): void {
    const before = this.#before;
    this.#before = snapshot;
    if (before === undefined) return;
    for (const key of TOTALS)
      demand(
        snapshot[key] >= before[key],
        "totals never fall",
        () => `${key} fell from ${before[key]} to ${snapshot[key]}`,
      );
    const isUp = isUpIn(snapshot);
    const { phase, epoch, downSince } = snapshot;
    demand((downSince === undefined) === isUp, "downSince says whether it is down", () => phase);
    demand(phase !== "connected" || epoch === 1, "connected is epoch 1", () => `${epoch}`);
    demand(phase !== "resumed" || epoch > 1, "resumed is a later epoch", () => `${epoch}`);
    demand(!isTerminal(before.phase), "nothing changes after the end", () => phase);
    demand(snapshot.cause?.code !== "INTERNAL", "no error of our own", () =>
      String(snapshot.cause?.message),
    );
  }

  /** `isFresh(x)` implies what was handed out last is younger than x, and nothing older waits. */
  #freshness(snapshot: LifecycleSnapshot): void {
    const { connection, reader, world } = this.#run;
    const youngest = AGES.find((age) => connection?.lifecycle.isFresh(age));
    if (youngest === undefined) return;
    const { phase, epoch } = snapshot;
    const held = reader?.held;
    demand(phase === "connected" || phase === "resumed", "fresh implies up", () => phase);
    demand(
      held !== undefined && held.epoch === epoch,
      "fresh implies a frame of this epoch",
      () => `${held?.epoch} in ${epoch}`,
    );
    const readAt = held && this.#messageOf(held)?.readAt;
    const age = world.now() - (readAt ?? Number.NEGATIVE_INFINITY);
    const limit = youngest + ROUNDING_MS + this.hiddenMs;
    demand(age <= limit, "fresh implies young", () => `isFresh(${youngest}) at an age of ${age}`);
    this.#run.reached.add(`fresh within ${youngest}`);
  }

  /** What is claimed of sockets, against the network's own record. */
  #sockets(snapshot: LifecycleSnapshot): void {
    const { world, plan } = this.#run;
    const { phase, epoch } = snapshot;
    const open = world.recorded.open.length;
    const mayReturn = plan.setup.endpoints > 1;
    demand(open <= (mayReturn ? 2 : 1), "one socket at a time", () => this.state);
    if (!isUpIn(snapshot)) return;
    const socket = this.#socketOf(epoch);
    demand(
      socket?.record.isOpen === true && !socket.record.hasEnded,
      "up implies a socket that stands",
      () => this.state,
    );
    demand(
      socket?.peer?.isUpgraded === true && socket.record.readBytes > 0,
      "up implies an upgrade in this epoch",
      () => this.state,
    );
    if (open === 2) this.#run.reached.add(`two sockets while ${phase}`);
  }

  /** Snapshot, stats and the network's record agree. */
  #figures(snapshot: LifecycleSnapshot): void {
    const stats = this.#run.connection?.stats();
    if (stats === undefined) return;
    const { totalReceivedFrames, totalLaggedFrames, bufferedFrames } = stats;
    const agrees =
      stats.phase === snapshot.phase &&
      stats.epoch === snapshot.epoch &&
      stats.totalLaggedFrames === snapshot.totalLagged &&
      stats.totalLaggedBytes === snapshot.totalLaggedBytes &&
      stats.totalAttempts === snapshot.attempts &&
      stats.totalStale === snapshot.staleCount;
    demand(agrees, "snapshot and stats agree", () => `${JSON.stringify(stats)}; ${this.state}`);
    const waiting = totalReceivedFrames - totalLaggedFrames - this.taken;
    demand(waiting === bufferedFrames, "unaccounted is 0", () =>
      `${totalReceivedFrames} received, ${totalLaggedFrames} lagged, ${this.taken} taken, `.concat(
        `${bufferedFrames} wait`,
      ),
    );
    let arrived = 0;
    for (const { peer } of this.#run.world.epochs) arrived += peer?.arrived ?? 0;
    demand(
      arrived === totalReceivedFrames,
      "what reached the socket is counted",
      () => `${arrived} reached sockets of epochs, ${totalReceivedFrames} were counted`,
    );
    const { buffer, send } = this.#config;
    demand(
      bufferedFrames <= buffer.maxFrames && stats.unsettledSends <= send.maxPending,
      "what waits is bounded",
      () => `${bufferedFrames} frames, ${stats.unsettledSends} sends`,
    );
    const watched = LEAVING.has(this.#run.world.state) ? undefined : this.#socketOf(snapshot.epoch);
    this.#peer.look(snapshot, watched, stats, this.#run.world.now());
    if (isUpIn(snapshot)) this.#pongs(snapshot.epoch, stats.socketBytes);
    const isWoken = this.#run.reader?.isWaiting !== true || bufferedFrames === 0;
    demand(isWoken, "a reader that waits is woken", () => `${bufferedFrames} frames wait for it`);
  }

  /** Silence is told, and does not last. */
  #silence({ phase, epoch }: LifecycleSnapshot): void {
    const { liveness } = this.#config;
    const { world } = this.#run;
    const socket = this.#socketOf(epoch);
    if (liveness === false || socket === undefined) return;
    const { record, adoptedAt } = socket;
    const { heldUntil, stallToldAt } = world;
    if (LEAVING.has(world.state)) return;
    const lastRead = Math.max(record.lastReadAt ?? 0, adoptedAt, heldUntil, stallToldAt);
    const silentMs = world.now() - lastRead - ROUNDING_MS;
    if (phase === "connected" || phase === "resumed")
      demand(
        silentMs <= liveness.staleAfterMs,
        "silence is told in time",
        () => `silent for ${silentMs}, stale after ${liveness.staleAfterMs}; ${this.state}`,
      );
    if (phase === "stale")
      demand(
        silentMs <= liveness.deadAfterMs,
        "a dead socket is dropped in time",
        () => `silent for ${silentMs}, dead after ${liveness.deadAfterMs}; ${this.state}`,
      );
  }

  /** In no window, wherever it starts, are there more attempts than allowed. */
  #attempts(): void {
    const { attempts } = this.#run.world;
    const { max, windowMs } = this.#config.attempts;
    for (; this.#checkedAttempts < attempts.length; this.#checkedAttempts++) {
      const last = attempts[this.#checkedAttempts];
      if (last === undefined) return;
      let inWindow = 0;
      for (let i = this.#checkedAttempts; i >= 0; i--) {
        const one = attempts[i];
        if (one === undefined || one.at <= last.at - windowMs + ROUNDING_MS) break;
        if (one.host === last.host) inWindow++;
      }
      demand(
        inWindow <= max,
        "attempts stay within every window",
        () => `${inWindow} in ${windowMs} ms, ${max} allowed`,
      );
    }
  }

  /** In no window, wherever it starts, does the system get more frames than allowed. */
  #sendLimit(): void {
    const { rateLimit } = this.#config.send;
    const { left } = this.#run.world;
    if (rateLimit === undefined) return;
    for (; this.#checkedFrames < left.length; this.#checkedFrames++) {
      const last = left[this.#checkedFrames];
      // Probes and pongs do not wait; they hold back the sends that do.
      if (last?.canWait !== true) continue;
      const first = left[this.#checkedFrames - rateLimit.max];
      if (first === undefined) continue;
      demand(
        last.at - first.at > rateLimit.windowMs - ROUNDING_MS,
        "sends stay within every window",
        () => `${rateLimit.max + 1} frames in ${last.at - first.at} ms`,
      );
    }
  }

  /**
   * The newest ping is answered in the turn in which it is read; RFC 6455 lets older ones go. With
   * a send limit that holds while the budget of pongs lasts: all but one in a window.
   */
  #pongs(epoch: number, socketBytes: number): void {
    const socket = this.#socketOf(epoch);
    if (socket?.peer === undefined || socketBytes > 0) return;
    if (!CARRYING.has(this.#run.world.state)) return;
    const { lastPong, peer } = socket;
    demand(
      lastPong === peer.pingsArrived ||
        !hasPongBudget(this.#config.send.rateLimit, this.#run.world),
      "a ping is answered at once",
      () => `ping ${peer.pingsArrived} was read last, ${lastPong} was answered last`,
    );
  }

  #socketOf(epoch: number): ClientSocket | undefined {
    return this.#run.world.epochs[epoch - 1];
  }

  /** The message that arrived in the place of this frame. */
  #messageOf({ epoch, seq }: ReceivedFrame): Peer["messages"][number] | undefined {
    let before = 0;
    for (let i = 1; i < epoch; i++) before += this.#socketOf(i)?.peer?.arrived ?? 0;
    return this.#socketOf(epoch)?.peer?.messages[seq - before - 1];
  }
}

type Peer = NonNullable<ClientSocket["peer"]>;

function isUpIn({ phase }: LifecycleSnapshot): boolean {
  return phase === "connected" || phase === "resumed" || phase === "stale";
}
