import type { Timer } from "@oath-ws/contract";
import { flows } from "../topic/topic-state.js";
import type { TopicPhase } from "../topic/topic-state.js";
import type { Watched } from "../connection/freshness-watchdog.js";
import { MutePatience } from "../connection/mute-patience.js";
import type { PatienceShape } from "../connection/mute-patience.js";

/**
 * When a connection is taken for mute: it answers pings and brings no event at all. It is replaced
 * then.
 */
export interface MuteRule extends PatienceShape {
  /**
   * Whether the silence of all these topics together says that the connection is mute. A symbol
   * that is not traded is silent too. The topics are those that the venue has confirmed. Must not
   * throw.
   */
  readonly isTelling: (topics: readonly string[]) => boolean;
}

/** A topic that may have a rhythm. All times are elapsed milliseconds. */
export interface RhythmicTopic {
  readonly name: string;
  readonly phase: TopicPhase;
  /** When it was last heard or confirmed. */
  readonly heardAt: number;
  /** When its last event arrived; `undefined` before the first. */
  readonly eventAt: number | undefined;
  /** Silence after which it speaks for a mute connection; `undefined`: never. */
  readonly escalateAfterMs: number | undefined;
}

/** A connection that may fall mute. */
export interface MutableConnection {
  /** Whether it stands. */
  readonly isUp: boolean;
  /** When it last brought an event, in elapsed milliseconds; `undefined` before the first. */
  readonly lastEventAt: number | undefined;
  reconnect(reason: string): void;
}

/** What a {@link MuteWatch} needs. */
export interface MuteWatchOptions {
  /** Counts the time in which the machine sleeps, too. */
  readonly timer: Timer;
  /** When the connection as a whole is mute; `undefined`: only its rhythms tell. */
  readonly rule: MuteRule | undefined;
  /** The connection that carries the topics now. */
  readonly connection: () => MutableConnection;
  /** The topics that the venue has confirmed on it. */
  readonly confirmed: () => readonly string[];
  /** Whether the venue says that it does not trade: its silence says nothing then. */
  readonly isHalted: () => boolean;
}

/**
 * How long rhythms are waited for while the connection stays mute: the first sign of one of them
 * means that the venue spoke again.
 */
const RHYTHM_PATIENCE = { maxAfterMs: 900_000, calmMs: 0 };

/** How often all topics are looked at while more silence is waited for, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Decides whether a connection that answers pings is mute, and has it replaced. What a topic's
 * silence means for the topic is told by its own state.
 *
 * A single topic may be quiet for good reasons. So there are two signs: every topic that states a
 * rhythm is silent for longer than it stated, or nothing at all came for as long as the adapter's
 * rule says. Both take twice as much silence each time, since the venue may be halted.
 */
export class MuteWatch implements Watched {
  /** To be stale is a matter of topics. */
  readonly staleAfterMs = undefined;
  readonly #options: MuteWatchOptions;
  readonly #patience: MutePatience | undefined;
  readonly #topics = new Set<RhythmicTopic>();
  readonly #rhythmPatience = new MutePatience(RHYTHM_PATIENCE);
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** The rhythms need not be looked at before this time. */
  #looksAt = Number.NEGATIVE_INFINITY;
  #remadeAt = Number.NEGATIVE_INFINITY;

  constructor(options: MuteWatchOptions) {
    const { rule } = options;
    this.#options = options;
    this.#patience = rule === undefined ? undefined : new MutePatience(rule);
  }

  /** Silence says nothing before anything was confirmed, and while the connection is down. */
  get phase(): TopicPhase {
    const isExpected = this.#options.connection().isUp && Number.isFinite(this.heardAt);
    return isExpected ? "stale" : "recovering";
  }

  get heardAt(): number {
    const lastEventAt = this.#options.connection().lastEventAt ?? Number.NEGATIVE_INFINITY;
    return Math.max(this.#confirmedAt, this.#askedAt, lastEventAt);
  }

  get escalateAfterMs(): number | undefined {
    const { rule } = this.#options;
    return rule === undefined ? undefined : this.#patience?.ms(rule.afterMs);
  }

  add(topic: RhythmicTopic): void {
    this.#topics.add(topic);
  }

  remove(topic: RhythmicTopic): void {
    this.#topics.delete(topic);
    this.#looksAt = Number.NEGATIVE_INFINITY;
  }

  /** The venue has confirmed a topic: its events can come from now on. */
  confirmed(now: number): void {
    this.#confirmedAt = now;
    this.#patience?.heard(now);
  }

  stale(): void {
    // Never: see `staleAfterMs`.
  }

  /** Nothing at all came for so long. */
  escalate(silentMs: number): void {
    const { rule, confirmed, connection, isHalted } = this.#options;
    // Asked again after the same silence: by then there may be other topics.
    this.#askedAt = this.heardAt + silentMs;
    if (isHalted() || rule?.isTelling(confirmed()) !== true) return;
    this.#patience?.remade();
    connection().reconnect(`no event of any topic for ${Math.round(silentMs)} ms`);
  }

  /** This topic has been silent for longer than it stated. */
  silent({ name }: RhythmicTopic, silentMs: number): void {
    const now = this.#options.timer.now();
    if (now < this.#looksAt || this.#options.isHalted()) return;
    this.#hearRhythms();
    for (const topic of this.#topics) {
      const { heardAt, escalateAfterMs } = topic;
      if (escalateAfterMs === undefined || !flows(topic)) continue;
      const muteAt = heardAt + this.#rhythmPatience.ms(escalateAfterMs);
      if (now >= muteAt) continue;
      const isSilent = now - heardAt >= escalateAfterMs;
      this.#looksAt = isSilent ? now + LOOK_EVERY_MS : heardAt + escalateAfterMs;
      return;
    }
    this.#rhythmPatience.remade();
    this.#remadeAt = now;
    this.#options.connection().reconnect(`${name} silent for ${Math.round(silentMs)} ms`);
  }

  /** An event since the connection was replaced means that the venue spoke in between. */
  #hearRhythms(): void {
    for (const { eventAt, escalateAfterMs } of this.#topics) {
      if (escalateAfterMs === undefined || eventAt === undefined) continue;
      if (eventAt >= this.#remadeAt) this.#rhythmPatience.heard(eventAt);
    }
  }
}
