import type { TopicPhase } from "../topic/topic-state.js";
import type { Watched } from "./freshness-watchdog.js";
import { MutePatience } from "./mute-patience.js";
import type { PatienceShape } from "./mute-patience.js";

/**
 * When a connection is taken for mute: it answers pings and brings no event at all. It is made anew
 * then.
 */
export interface MuteRule extends PatienceShape {
  /**
   * Whether the silence of all these topics together says that the connection is mute. A symbol that
   * is not traded is silent too. The topics are those that the venue has confirmed. Must not throw.
   */
  readonly isTelling: (topics: readonly string[]) => boolean;
}

/** A connection that may fall mute. */
export interface MutableConnection {
  /** Whether it stands. */
  readonly isUp: boolean;
  /** When it last brought an event, in `Timer.now` milliseconds; `undefined` before the first. */
  readonly lastEventAt: number | undefined;
  forceReconnect(reason: string): void;
}

/** What a {@link MuteWatch} needs. */
export interface MuteWatchOptions {
  readonly rule: MuteRule;
  /** The connection that carries the topics now. */
  readonly connection: () => MutableConnection;
  /** The topics that the venue has confirmed on it. */
  readonly topics: () => readonly string[];
}

/**
 * Watches one connection for silence on all its topics, for a `FreshnessWatchdog`. What a topic's
 * silence means for the topic is told by its own state.
 */
export class MuteWatch implements Watched {
  /** To be stale is a matter of topics. */
  readonly staleAfterMs = undefined;
  readonly #options: MuteWatchOptions;
  readonly #patience: MutePatience;
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: MuteWatchOptions) {
    this.#options = options;
    this.#patience = new MutePatience(options.rule);
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

  get escalateAfterMs(): number {
    return this.#patience.ms;
  }

  /** The venue has confirmed a topic: its events can come from now on. */
  confirmed(now: number): void {
    this.#confirmedAt = now;
    this.#patience.heard(now);
  }

  stale(): void {
    // Never: see `staleAfterMs`.
  }

  escalate(silentMs: number): void {
    const { rule, connection, topics } = this.#options;
    const now = this.heardAt + silentMs;
    // Asked again after the same silence: by then there may be other topics.
    this.#askedAt = now;
    if (!rule.isTelling(topics())) return;
    this.#patience.remade();
    connection().forceReconnect(`no event of any topic for ${Math.round(silentMs)} ms`);
  }
}
