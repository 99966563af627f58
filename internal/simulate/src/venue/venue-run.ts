/**
 * One run of a venue: the real adapters over the real stack and the direct transport, against the
 * real simulators, on the virtual network.
 *
 * The market moves when the run says so. In the end the network and the venue make peace; then
 * everything has to be live again and to equal what the venue has, and nothing may be left behind.
 */
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { VirtualHost, World } from "@oath-ws/testing";
import type { ConnectorSettings } from "@oath-ws/venue-kit";
import { networkRuntime } from "oath-ws/leaf";
import { Guard } from "../core/guard.js";
import type { Played } from "../core/play-out.js";
import { Settlements } from "../core/settlement.js";
import { StepLoop } from "../core/step-loop.js";
import { Trace } from "../core/trace.js";
import { demand } from "../core/violated.js";
import { CountedTimer } from "../wire/counted-timer.js";
import { RecordedNetwork } from "../wire/recorded-network.js";
import { BookAudit } from "./book-audit.js";
import { EndBehindText } from "./end-behind-text.js";
import { PhaseWatch } from "./phase-watch.js";
import type { Stage, StageParts } from "./stage.js";
import { codeOf } from "./code-of.js";
import { LIFTED, LIFTED_AFTER_MS } from "./lifted-faults.js";
import { SendPace } from "./send-pace.js";
import { SubscriptionAudit } from "./subscription-audit.js";
import { TopicAudit } from "./topic-audit.js";
import type { VenueAction, VenuePlan } from "./venue-plan.js";

export const VENUE_HOST = "venue.test";

/** Bans and pauses of venues are long. */
const PATIENCE_MS = 4 * 3_600_000;
const END_MS = 60_000;

/** Topics that are asked for their freshness at each step, in turn. */
const ASKED_AT_ONCE = 4;

/** After a stall or a sleep, until what was late has been done. */
const WAKE_UP_MS = 500;

/** Makes simulators and adapters. */
export type MakeStage = (parts: StageParts) => Promise<Stage>;

/** See the top of this file. */
export class VenueRun implements Played {
  readonly trace: Trace;
  readonly reached: Set<string> = new Set();
  readonly loop: StepLoop;
  faults = 0;
  readonly #plan: VenuePlan;
  readonly #make: MakeStage;
  readonly #world: World;
  readonly #network: VirtualNetwork;
  readonly #client: VirtualHost;
  readonly #venue: VirtualHost;
  readonly #timer: CountedTimer;
  readonly #recorded: RecordedNetwork;
  readonly #settlements = new Settlements();
  #stage: Stage | undefined;
  #audits: readonly TopicAudit[] = [];
  readonly #guard = new Guard();
  readonly #pace: SendPace;
  readonly #endBehind: EndBehindText;
  #subscriptions: SubscriptionAudit | undefined;
  #books: readonly BookAudit[] = [];
  #watched: readonly PhaseWatch[] = [];
  #nextAudit = 0;
  #isChanged = false;
  #heldUntil = 0;
  /** Until when the venue's program reads nothing. */
  #venueReadsAt = 0;
  #isMoving = true;

  constructor(plan: VenuePlan, make: MakeStage) {
    const { latencyMs, jitterMs } = plan.setup;
    this.#plan = plan;
    this.#make = make;
    this.#world = createWorld({ seed: plan.seed, shuffleTurns: plan.seed % 2 === 0 });
    this.#network = new VirtualNetwork(this.#world, { latencyMs, jitterMs });
    this.#endBehind = new EndBehindText(this.#network, () =>
      this.#stage?.apply({ kind: "close", code: 1001, reason: "the plan" } as { kind: string }),
    );
    this.#client = this.#network.host("client");
    this.#venue = this.#network.host(VENUE_HOST);
    this.#timer = new CountedTimer(this.#client.timer);
    this.#pace = new SendPace(
      () => this.now(),
      () => this.#stage?.sendLimit,
    );
    const quiet = (): void => undefined;
    this.#recorded = new RecordedNetwork(this.#client, () => this.now(), {
      dialled: quiet,
      opened: quiet,
      read: quiet,
      wrote: quiet,
      took: ({ index }, bytes) => this.#guard.run(() => this.#pace.took(index, bytes)),
      over: () => {
        this.#isChanged = true;
      },
    });
    this.trace = new Trace(() => this.now());
    this.loop = new StepLoop(this.#world, (isSettled) => this.#look(isSettled));
  }

  now(): number {
    return this.#world.timer.now();
  }

  async play(): Promise<void> {
    const { seed, setup, steps, lengthMs } = this.#plan;
    const runtime = this.#runtime();
    const stage = await this.#make({
      seed,
      setup,
      world: this.#world,
      network: this.#network,
      venue: this.#venue,
      runtime,
      narrow: { ...runtime, build: (given) => runtime.build(withBuffer(given, setup.maxFrames)) },
      reach: (name) => void this.reached.add(name),
      onFault: (error) => this.reached.add(`told ${codeOf(error)}`),
    });
    this.#stage = stage;
    this.#subscriptions = new SubscriptionAudit(this.#network, stage.groups);
    this.#subscriptions.isVenueHeld = () => this.now() <= this.#venueReadsAt;
    this.#watched = [...stage.topics, ...stage.books, ...stage.others].map(
      (watched) => new PhaseWatch(watched),
    );
    this.#books = stage.books.map((book) => new BookAudit(book));
    this.#audits = stage.topics.map(
      (topic) => new TopicAudit(topic, this.#timer, this.reached, this.#guard),
    );
    for (const audit of this.#audits)
      this.#settlements.watch(
        `reader of ${audit.name}`,
        audit.read((line) => this.trace.note(line)),
      );
    this.#move();
    for (const { at, action } of steps) {
      await this.loop.runTo(Math.min(at, lengthMs));
      this.#perform(action, stage);
    }
    await this.loop.runTo(Math.max(lengthMs, this.#heldUntil));
    await this.#makePeace(stage);
    await this.#end(stage);
  }

  #runtime(): StageParts["runtime"] {
    const { spawn, random, newId } = this.#world;
    const runtime = networkRuntime({
      network: this.#recorded,
      timer: this.#timer,
      spawn,
      random,
      newId,
    });
    return {
      ...runtime,
      onLinkStep: (state, input) => void this.reached.add(`link ${state} ${input}`),
      onRenewalEnd: (end) => void this.reached.add(`renewal ends ${end}`),
    };
  }

  /** The market moves, again and again, on the venue's machine. */
  #move(): void {
    this.#venue.timer.schedule(this.#plan.setup.stepMs, () => {
      if (!this.#isMoving) return;
      this.#stage?.step();
      this.#move();
      if (this.#stage?.act !== undefined)
        this.#client.timer.schedule(0, () => this.#isMoving && this.#stage?.act?.());
    });
  }

  #perform(action: VenueAction, stage: Stage): void {
    const kind = action.kind === "venue" ? `venue ${action.fault.kind}` : action.kind;
    this.trace.note(`plan ${kind}`);
    this.faults++;
    const link = this.#network.link("client", VENUE_HOST);
    const later = (ms: number, undo: () => void): void => void this.#world.timer.schedule(ms, undo);
    const isHeld = this.#heldUntil > this.now();
    if (isHeld && (action.kind === "stall" || action.kind === "sleep")) return;
    this.reached.add(`fault ${kind} while ${this.#mood}`);
    switch (action.kind) {
      case "venue": {
        stage.apply(action.fault);
        this.#noteHeldVenue(action.fault);
        const lifted = LIFTED[action.fault.kind];
        return lifted && later(LIFTED_AFTER_MS, () => stage.apply(lifted));
      }
      case "resetAll":
        return link.reset();
      case "resetOne": {
        const { connections } = link;
        return connections[action.which % Math.max(1, connections.length)]?.reset();
      }
      case "blackHole":
        link.blackHole(action.direction);
        return later(action.forMs, () => link.heal());
      case "latency":
        link.configure({ latencyMs: action.ms });
        return later(action.forMs, () => link.configure({ latencyMs: this.#plan.setup.latencyMs }));
      case "chopped":
        link.configure({ segmentBytes: action.bytes, partialReads: 0.3 });
        return later(action.forMs, () => link.configure({ segmentBytes: 65_536, partialReads: 0 }));
      case "dialsFail":
        link.configure({ connect: action.how });
        return later(action.forMs, () => link.configure({ connect: "ok" }));
      case "noName":
        link.configure({ dns: "not-found" });
        return later(action.forMs, () => link.configure({ dns: "ok" }));
      case "stall":
      case "sleep":
        this.#heldUntil = this.now() + action.ms;
        return this.#client[action.kind](action.ms);
      case "wallStep":
        return this.#client.timer.stepWall(action.ms);
      case "endBehind":
        return this.#endBehind.arm(action.text, action.how);
      case "renew":
        return void this.#client.timer.schedule(0, () => stage.renew());
      case "resync":
        return void this.#client.timer.schedule(0, () =>
          stage.books[action.which % Math.max(1, stage.books.length)]?.resync(),
        );
      case "slowReader":
        this.#audits[action.which % Math.max(1, this.#audits.length)]?.pauseFor(action.forMs);
        return;
      default:
        return action satisfies never;
    }
  }

  #noteHeldVenue(fault: { readonly kind: string; readonly forMs?: unknown }): void {
    if (fault.kind === "stop-reading") this.#venueReadsAt = this.now() + Number(fault.forMs);
  }

  /** How things stand, in a word, for the names of situations. */
  get #mood(): string {
    const { topics = [] } = this.#stage ?? {};
    return topics.every(({ state }) => state.snapshot.phase === "live")
      ? "all is live"
      : "not all is live";
  }

  /** Called between any two turns. */
  #look(isSettled: boolean): void {
    const stage = this.#stage;
    this.#guard.look();
    if (stage === undefined || !isSettled) return;
    this.#subscriptions?.look();
    for (const watched of this.#watched) {
      if (!watched.look()) continue;
      const { name, phase } = watched;
      this.#isChanged = true;
      this.reached.add(`a state is ${phase}`);
      this.trace.note(`${name} is ${phase}`);
    }
    // Asking all of them at each step would take most of the run's time.
    for (let i = 0; i < ASKED_AT_ONCE; i++)
      this.#audits[this.#nextAudit++ % Math.max(1, this.#audits.length)]?.look();
    stage.check?.(false);
    // A socket's end is known to the client with the step in which it is told.
    if (this.#isChanged || this.#subscriptions?.isChanged === true) this.#subscriptions?.check();
    if (this.now() <= this.#heldUntil + WAKE_UP_MS || this.#timer.isLate) return;
    // The claims can only become wrong when a state changes or a socket ends.
    if (this.#isChanged) this.#claims(stage);
    this.#isChanged = false;
    for (const book of this.#books) book.look();
  }

  /**
   * `live` implies a connection that stands: no more topics are live than such connections carry.
   */
  #claims({ groups }: Stage): void {
    for (const { holds, connections } of groups) {
      const live = holds.filter(({ state }) => state.snapshot.phase === "live");
      if (live.length === 0) continue;
      const standing = connections().filter(({ lifecycle }) => isUp(lifecycle.snapshot.phase));
      const carried = standing.reduce((sum, { topics }) => sum + topics, 0);
      demand(
        live.length <= carried,
        "live implies a connection that stands",
        () =>
          `${live.length} are live (${live.map(({ name }) => name).join(", ")}), ${carried} ` +
          "are carried",
      );
      const sockets = this.#recorded.open.length;
      demand(
        sockets >= standing.length,
        "up implies a socket that stands",
        () => `${standing.length} connections are up, ${sockets} sockets are open`,
      );
    }
  }

  async #makePeace(stage: Stage): Promise<void> {
    const link = this.#network.link("client", VENUE_HOST);
    link.configure({
      connect: "ok",
      dns: "ok",
      latencyMs: 5,
      segmentBytes: 65_536,
      partialReads: 0,
    });
    link.heal();
    this.#endBehind.disarm();
    stage.apply({ kind: "clear" });
    for (const audit of this.#audits) audit.pauseFor(0);
    this.trace.note("peace");
    const held = this.#watched;
    const areLive = (): boolean => held.every((watched) => watched.isLive);
    const came = await this.loop.runUntil(areLive, this.now() + PATIENCE_MS);
    demand(came, "everything comes back by itself", () =>
      held
        .filter(({ isLive }) => !isLive)
        .map(({ name, phase }) => `${name} is ${phase}`)
        .join(", "),
    );
    // What was lost at the end of a topic shows with its next event only.
    await this.loop.runTo(this.now() + 10 * this.#plan.setup.stepMs);
    this.#isMoving = false;
    await this.loop.runTo(this.now() + END_MS);
    for (const book of this.#books) book.checkEnd();
    for (const audit of this.#audits) audit.checkEnd();
    stage.check?.(true);
    const broken = stage.broken();
    demand(broken === "", "the venue's limits are kept", () => broken);
  }

  async #end({ ends }: Stage): Promise<void> {
    const [sims, adapters] = [ends.slice(-1), ends.slice(0, -1)];
    for (const end of adapters) this.#settlements.watch("shutdown", end());
    await this.loop.runTo(this.now() + END_MS);
    const { pending } = this.#settlements;
    demand(pending.length === 0, "no promise is pending after the shutdown", () =>
      pending.join(", "),
    );
    demand(this.#timer.pending === 0, "no timer is left", () => `${this.#timer.pending} are`);
    const { liveCount } = this.#world.spawn;
    demand(liveCount === 0, "no task is left", () => `${liveCount} are`);
    const open = this.#recorded.open.length;
    demand(open === 0, "no socket is left", () => `${open} are`);
    for (const end of sims) this.#settlements.watch("simulator", end());
    await this.loop.runTo(this.now() + END_MS);
  }
}

function isUp(phase: string): boolean {
  return phase === "connected" || phase === "resumed" || phase === "stale";
}

/** The same settings with a receive buffer of so many frames. */
function withBuffer(settings: ConnectorSettings, maxFrames: number | null): ConnectorSettings {
  if (maxFrames === null) return settings;
  const { config } = settings;
  return { ...settings, config: { ...config, buffer: { ...config?.buffer, maxFrames } } };
}
