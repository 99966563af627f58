import type { LifecycleSnapshot, WsError } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { expect } from "vitest";
import type { AttemptLimit } from "../../src/core/gate.js";
import { resolveConfig } from "../../src/config.js";
import type { PartialConfig } from "../../src/config.js";
import { defaultClassify } from "../../src/core/default-classify.js";
import { Supervisor } from "../../src/core/supervisor.js";
import type { Action, SupervisorInput } from "../../src/core/supervisor-messages.js";
import { CountingGate } from "./counting-gate.js";
import { SINGLE, URLS } from "./supervisor-shape.js";
import type { Place, Shape } from "./supervisor-shape.js";
import type { Situation } from "./supervisor-situations.js";

export const LIMIT: AttemptLimit = { max: 2, windowMs: 2_000 };

const CONFIG = {
  backoff: { minMs: 100, maxMs: 400, factor: 2, stableAfterMs: 1_000 },
  attempts: { ...LIMIT, permanentRetries: 3, permanentForMs: 90_000 },
} as const satisfies PartialConfig;
const STABLE_MS = 1_000;
const PERMANENT_FOR_MS = 90_000;
const RETURN_MS = 3_000;

/**
 * The world as the shell around a supervisor sees it: at most one attempt under way or one socket
 * open. It knows from the actions alone what is there, checks every promise of the supervisor after
 * each input, and keeps its own books of what the snapshot should say.
 */
export class SupervisorWorld {
  now = 0;
  place: Place = "nothing";
  finished = false;
  /** When attempts were begun. */
  readonly dials: number[] = [];
  readonly #seen: Set<Situation>;
  readonly #supervisor: Supervisor;
  readonly #gate = new CountingGate();
  /** The same with the attempts of the neighbours at this gate. */
  readonly #attempts = new Map<string, number[]>();
  readonly #shape: Shape;
  /** When an attempt failed at an endpoint, after which nothing was forced. */
  readonly #failedAt = new Map<string, number>();
  /** The present list. */
  #urls: readonly string[];
  /** Where the last attempt went, and the open socket goes. */
  #url: string | undefined;
  /** A trial is under way. */
  trying = false;
  /** Its socket is open. */
  #takesOver = false;
  /** The endpoint of a connection that had proved itself and was lost just now. */
  #lostAt: string | undefined;
  #asked = 0;
  #started = false;
  #epochs = 0;
  #downSince: number | undefined = 0;
  #totalDownMs = 0;
  #openedAt = 0;
  #refusedSince: number | undefined;
  #lastDataAt: number | undefined;
  #blindSince: number | undefined;
  #granted = false;
  #last: LifecycleSnapshot;

  constructor(seed: readonly number[], seen = new Set<Situation>(), shape = SINGLE) {
    let drawn = 0;
    this.#seen = seen;
    this.#shape = shape;
    this.#urls = shape.hasSource ? [] : URLS.slice(0, shape.endpoints);
    const failover = { returnAfterMs: shape.returns ? RETURN_MS : undefined };
    this.#supervisor = new Supervisor({
      connection: { id: "1", name: "venue.test" },
      config: resolveConfig({ ...CONFIG, failover }),
      classify: defaultClassify,
      random: { next: () => seed[drawn++ % seed.length] ?? 0 },
      gate: this.#gate,
      granted: () => {
        this.#granted = true;
      },
      clock: { sleptMs: 0 },
      urls: this.#urls,
      hasSource: shape.hasSource,
      trace: () => undefined,
      now: 0,
    });
    this.#last = this.#supervisor.snapshot;
  }

  get deadline(): number | undefined {
    return this.#supervisor.nextDeadline;
  }

  get stale(): boolean {
    return this.#last.phase === "stale";
  }

  get hasSocket(): boolean {
    return ["open", "leaving", "parting", "closing"].includes(this.place);
  }

  start(): void {
    this.#started = true;
    this.give({ kind: "start" });
  }

  /** A reconnect was asked for and waits for its slot, with the socket open. */
  get isReserving(): boolean {
    const isTrials = this.#supervisor.trial === "gated";
    return this.place === "open" && this.#gate.out.size > (isTrials ? 1 : 0);
  }

  give(input: SupervisorInput): void {
    const { place, isReserving } = this;
    this.#note(input, place, isReserving);
    const before = this.deadline;
    const wasTrying = this.trying;
    if (input.kind === "force") this.#failedAt.clear();
    for (const action of this.#supervisor.step(input, this.now)) this.#perform(action);
    if (input.kind === "granted" && (this.deadline ?? 0) > (before ?? Infinity))
      this.#seen.add("a slot is planned later than it was");
    if (input.kind === "force" && place === "open")
      this.#seen.add(
        (this.deadline ?? 0) <= this.now
          ? "forced, and the slot is free"
          : "forced, and the slot is not free",
      );
    if (wasTrying && !this.trying && input.kind !== "opened" && input.kind !== "trialFailed")
      this.#seen.add("a trial is given up");
    this.check();
  }

  /** An attempt fails. */
  failAttempt(error: WsError): void {
    this.place = "nothing";
    if (this.#url !== undefined) this.#failedAt.set(this.#url, this.now);
    this.fail(error);
    if (!this.finished && (this.deadline ?? 0) <= this.now)
      this.#seen.add("another endpoint is tried at once");
    else if (!this.finished && this.#shape.endpoints > 1) this.#seen.add("a pause after a round");
  }

  /** The source answers with some of the endpoints, in another order each time. */
  list(from: number): void {
    const { endpoints } = this.#shape;
    const urls = URLS.slice(0, endpoints);
    this.#urls = [...urls.slice(from % endpoints), ...urls.slice(0, from % endpoints)];
    this.place = "nothing";
    this.give({ kind: "listed", urls: this.#urls });
  }

  failSource(error: WsError): void {
    this.place = "nothing";
    this.#seen.add("the source fails");
    this.give({ kind: "failed", error });
  }

  failTrial(error: WsError): void {
    const { snapshot } = this.#supervisor;
    this.trying = false;
    this.#seen.add("a trial fails");
    this.give({ kind: "trialFailed", error });
    expect(this.#supervisor.snapshot).toBe(snapshot);
  }

  trialOpened(): void {
    this.#seen.add(this.stale ? "a trial succeeds beside a silent connection" : "a trial succeeds");
    this.trying = false;
    this.#takesOver = true;
    this.give({ kind: "opened" });
  }

  fail(error: WsError): void {
    const lasted = this.hasSocket && this.now - this.#openedAt >= STABLE_MS;
    if (error.status === 401) this.#refusedSince ??= this.now;
    else if (lasted && this.place === "open") this.#refusedSince = undefined;
    this.#lostAt = lasted && this.place === "open" && !this.isReserving ? this.#url : undefined;
    this.give({ kind: "failed", error });
  }

  opened(): void {
    this.place = "open";
    this.give({ kind: "opened" });
  }

  data(): void {
    // Two reads are never at the same moment of one connection.
    this.now += 1 / 16;
    this.#lastDataAt = this.now;
    const wasBlind = this.#blindSince;
    if (this.place === "open" && !this.stale) this.#blindSince = undefined;
    this.#supervisor.data(this.now);
    if (wasBlind !== undefined && this.#blindSince === undefined) {
      this.#seen.add("a blind time is over");
      const lastBlind = { from: wasBlind, to: this.now, epoch: this.#epochs };
      expect(this.#supervisor.snapshot.lastBlind).toEqual(lastBlind);
    }
    this.check();
  }

  /** Another connection at the same gate makes an attempt as soon as it may. */
  neighbour(proven: boolean, url: string = URLS[0]): void {
    const provenUntil = proven ? Infinity : -Infinity;
    const request = { url, limit: LIMIT, asked: false, provenUntil, now: this.now };
    const ticket = this.#gate.reserve(request, () => undefined);
    if (this.#gate.claim(ticket, this.now)) this.#attempted(url);
    else this.#gate.release(ticket, this.now);
    this.settle();
  }

  /** A server asks a neighbour to stay away. */
  block(ms: number, url: string = URLS[0]): void {
    if (this.place === "leaving" && ms > 250)
      this.#seen.add("Retry-After of a neighbour while the socket is let go");
    this.#gate.block(url, this.now + ms, this.now);
    this.settle();
  }

  /** The mail of the gate arrives. */
  settle(): void {
    if (!this.#granted) return;
    this.#granted = false;
    this.give({ kind: "granted" });
  }

  #note(input: SupervisorInput, place: Place, isReserving: boolean): void {
    const { kind } = input;
    const seen = (situation: Situation): void => void this.#seen.add(situation);
    if (isReserving && kind === "failed")
      seen("the socket dies while a reconnect waits for its slot");
    if (isReserving && kind === "silent") seen("silent while a reconnect waits for its slot");
    if (isReserving && kind === "alive" && this.stale)
      seen("heard again while a reconnect waits for its slot");
    if (isReserving && kind === "shutdown") seen("shut down while a reconnect waits for its slot");
    if (place === "leaving" && kind === "gone") seen("the peer's close comes in time");
    if (place === "leaving" && kind === "due") seen("the peer's close does not come in time");
    if (place === "leaving" && kind === "shutdown") seen("shut down while the socket is let go");
    if (place === "parting" && kind === "gone") seen("the old socket ends in time while it parts");
    if (place === "parting" && kind === "due")
      seen("the old socket does not end in time while it parts");
    if (place === "parting" && kind === "shutdown") seen("shut down while the old socket parts");
    if (place === "asking" && kind === "shutdown") seen("shut down while the source is asked");
    if (kind !== "crash" || this.finished) return;
    if (isReserving) seen("crashed while a reconnect waits for its slot");
    else seen(this.hasSocket ? "crashed with a socket" : "crashed without a socket");
  }

  lagged(frames: number): void {
    const { totalLagged, totalLaggedBytes } = this.#last;
    this.#supervisor.lagged(totalLagged + frames, totalLaggedBytes + 10 * frames);
    this.check();
  }

  /** Lets time pass; what falls due is reported then and there. */
  wait(ms: number): void {
    this.settle();
    const until = this.now + ms;
    for (
      let deadline = this.deadline;
      deadline !== undefined && deadline <= until;
      deadline = this.deadline
    ) {
      this.now = Math.max(this.now, deadline);
      this.give({ kind: "due" });
      this.settle();
    }
    this.now = until;
  }

  /** The process stalls: what falls due meanwhile is reported once, late. */
  stall(ms: number): void {
    this.now += ms;
    if (this.deadline !== undefined && this.deadline <= this.now) this.give({ kind: "due" });
  }

  check(): void {
    const { snapshot } = this.#supervisor;
    const last = this.#last;
    this.#last = snapshot;
    if (snapshot.phase === "stale") this.#blind();
    expect(Object.isFrozen(snapshot)).toBe(true);
    if (snapshot !== last)
      expect(Object.values(snapshot)).not.toSatisfy(sameAs(Object.values(last)));

    for (const total of [
      "epoch",
      "attempts",
      "staleCount",
      "totalDownMs",
      "totalLagged",
      "totalLaggedBytes",
    ] as const) {
      expect(snapshot[total]).toBeGreaterThanOrEqual(last[total]);
    }
    expect(snapshot.epoch).toBe(this.#epochs);
    expect(snapshot.attempts).toBe(this.dials.length);
    expect(snapshot.totalDownMs).toBe(this.#totalDownMs);
    expect(snapshot.downSince).toBe(this.#downSince);
    if (this.place === "open" || this.place === "parting")
      expect(snapshot.downSince).toBeUndefined();
    if (this.#url !== undefined) expect(`${snapshot.endpoint}/`).toBe(this.#url);
    if (this.place === "dialing" || this.place === "nothing")
      expect(snapshot.downSince).toBeDefined();
    expect(snapshot.blindSince).toBe(this.#blindSince);
    this.#checkWaiting(snapshot);
    this.#checkTickets();
    if (snapshot.cause?.code === "ENDPOINTS_REFUSED") {
      this.#seen.add("all endpoints have refused for good");
      for (const url of this.#urls) expect(snapshot.cause.message).toContain(url.slice(0, -1));
    }
    const isSingle = this.#shape.endpoints === 1 && !this.#shape.hasSource;
    const isRefused = snapshot.phase === "unrecoverable" && snapshot.cause?.status === 401;
    if (isSingle && isRefused && this.#epochs > 0) {
      expect(this.now - (this.#refusedSince ?? this.now)).toBeGreaterThanOrEqual(PERMANENT_FOR_MS);
      this.#seen.add("refused longer than permanentForMs");
    }

    expect(isTerminal(snapshot.phase)).toBe(this.finished);
    if (isTerminal(last.phase)) expect(snapshot.phase).toBe(last.phase);
    this.#checkNotWedged();
    this.#checkGate();
  }

  #checkNotWedged(): void {
    const { deadline } = this;
    if (this.finished) {
      expect(this.place).toBe("nothing");
      expect(deadline).toBeUndefined();
      return;
    }
    if (deadline !== undefined) expect(Number.isFinite(deadline)).toBe(true);
    // The attempt will settle, the socket will bring something or fall silent, or the time will
    // come.
    if (this.#started)
      expect(["asking", "dialing", "open"].includes(this.place) || deadline !== undefined).toBe(
        true,
      );
    if (["closing", "leaving", "parting"].includes(this.place)) expect(deadline).toBeDefined();
  }

  /** What is waited for shows, with its end, and nothing else does. */
  #checkWaiting({ waitingFor, waitingUntil }: LifecycleSnapshot): void {
    const { deadline } = this;
    const waits =
      this.#started &&
      !this.finished &&
      (this.place === "nothing" || this.isReserving) &&
      (deadline ?? Infinity) > this.now;
    if (waits) {
      expect(waitingFor).toBeDefined();
      expect(waitingUntil).toBeGreaterThanOrEqual(deadline ?? Infinity);
    } else if (this.place !== "nothing" && !this.isReserving) expect(waitingFor).toBeUndefined();
    if (this.finished) expect(waitingUntil).toBeUndefined();
  }

  /** One ticket for each endpoint at most, and none where nothing waits for the gate. */
  #checkTickets(): void {
    const { size } = this.#gate.out;
    expect(size).toBeLessThanOrEqual(this.place === "nothing" ? this.#urls.length : 1);
    const waitsForNothing = ["asking", "dialing", "parting", "closing"].includes(this.place);
    if (waitsForNothing || this.finished) expect(size).toBe(0);
  }

  #attempted(url: string): void {
    const times = this.#attempts.get(url) ?? [];
    this.#attempts.set(url, times);
    times.push(this.now);
  }

  #checkGate(): void {
    for (const times of this.#attempts.values()) {
      const latest = times.at(-1) ?? 0;
      const inWindow = times.filter((at) => at > latest - LIMIT.windowMs);
      expect(inWindow.length).toBeLessThanOrEqual(LIMIT.max);
    }
  }

  #checkDial(url: string, isTrial: boolean): void {
    expect(this.#urls).toContain(url);
    expect(this.#gate.blockedUntil(url)).toBeLessThanOrEqual(this.now);
    if (isTrial) {
      expect(this.place).toBe("open");
      expect(this.trying).toBe(false);
      expect(url).toBe(this.#urls[0]);
      expect(url).not.toBe(this.#url);
      return;
    }
    expect(this.place).toBe("nothing");
    // Half of the shortest delay, which is the least that is drawn.
    const failedAt = this.#failedAt.get(url);
    if (failedAt !== undefined)
      expect(this.now).toBeGreaterThanOrEqual(failedAt + CONFIG.backoff.minMs / 2);
    this.#noteDial(url);
  }

  #noteDial(url: string): void {
    const lostAt = this.#lostAt;
    this.#lostAt = undefined;
    if (lostAt === url && url !== this.#urls[0])
      this.#seen.add(
        "a lost connection that had proved itself tries its own endpoint first, not the first",
      );
    const earlier = this.#urls.slice(0, this.#urls.indexOf(url));
    if (lostAt === undefined && earlier.some((one) => this.#gate.blockedUntil(one) > this.now))
      this.#seen.add("an endpoint is passed over that is blocked");
    const isFull = (one: string): boolean => {
      const times = this.#attempts.get(one) ?? [];
      return (times.at(-LIMIT.max) ?? -Infinity) + LIMIT.windowMs > this.now;
    };
    if (earlier.some(isFull)) this.#seen.add("an endpoint is passed over whose gate is full");
  }

  #down(): void {
    this.#downSince ??= this.now;
    this.#blind();
  }

  #blind(): void {
    this.#blindSince ??= this.#lastDataAt ?? this.#openedAt;
  }

  #perform(action: Action): void {
    expect(this.finished).toBe(false);
    switch (action.kind) {
      case "dial":
        this.#checkDial(action.url, action.isTrial);
        this.dials.push(this.now);
        this.#attempted(action.url);
        expect(action.attempt).toBe(this.dials.length);
        if (action.isTrial) {
          this.trying = true;
          this.#seen.add("a trial is made");
          return;
        }
        this.#url = action.url;
        this.place = "dialing";
        return;
      case "ask":
        expect(this.place).toBe("nothing");
        expect(action.round).toBe(++this.#asked);
        this.#seen.add(
          action.round === 1 ? "the source is asked" : "the source is asked in another round",
        );
        this.place = "asking";
        return;
      case "abort":
        if (this.trying) this.trying = false;
        else if (this.#takesOver) {
          this.#takesOver = false;
          if (this.place === "nothing") this.#down();
        } else {
          expect(["dialing", "asking"]).toContain(this.place);
          this.place = "nothing";
        }
        return;
      case "adopt":
        if (this.#takesOver) {
          expect(this.place).toBe("nothing");
          this.place = "open";
          this.#url = this.#urls[0];
          this.#takesOver = false;
          this.#blind();
        }
        expect(this.place).toBe("open");
        this.#epochs++;
        this.#openedAt = this.now;
        expect(action.epoch).toBe(this.#epochs);
        this.#totalDownMs += this.now - (this.#downSince ?? this.now);
        this.#downSince = undefined;
        return;
      case "letGo":
        expect(this.place).toBe("open");
        // A peer that is silent would not hear of it.
        expect(this.stale).toBe(false);
        this.place = this.#takesOver ? "parting" : "leaving";
        if (!this.#takesOver) this.#down();
        return;
      case "drop":
        expect(this.hasSocket).toBe(true);
        this.place = "nothing";
        if (!this.#takesOver) this.#down();
        return;
      case "hangUp":
        expect(["open", "leaving", "parting"]).toContain(this.place);
        this.place = "closing";
        return;
      case "finish":
        expect(this.place).toBe("nothing");
        this.finished = true;
        return;
      default:
        action satisfies never;
    }
  }
}

/** Whether each value is the very same; two errors that look alike are two. */
function sameAs(others: readonly unknown[]): (values: readonly unknown[]) => boolean {
  return (values) => values.every((value, i) => Object.is(value, others[i]));
}
