import { WsError } from "@oath-ws/contract";
import { Link } from "../connection/link.js";
import type { LinkOwner } from "../connection/link-owner.js";
import type { RenewalEnd } from "./renewal-end.js";
import { RenewalTimer } from "./renewal-timer.js";
import type { ShardOptions, ShardOwner } from "./shard-options.js";
import { Successor } from "./successor.js";
import { SilencedTopics } from "./silenced-topics.js";
import { ChannelCount } from "./topic-limits.js";
import type { VenueState } from "../connection/venue-status.js";
import type { Session } from "../topic/session.js";
import type { Topic } from "../topic/topic.js";

/**
 * - `idle`: one connection; the timer runs to its planned renewal
 * - `opening`: a second connection is being opened and subscribed
 * - `overlapping`: both deliver
 * - `closing`: the first one is being closed
 */
type RenewalPhase = "idle" | "opening" | "overlapping" | "closing";

/**
 * Up to as many topics as one connection carries, and that connection: replaced before the venue
 * ends it, without a break (ADR-0036).
 */
export class Shard implements LinkOwner {
  readonly topics: Map<string, Topic<unknown>> = new Map();
  readonly #options: ShardOptions;
  readonly #owner: ShardOwner;
  readonly #channels: ChannelCount;
  #current: Link;
  #next: Successor | undefined;
  #phase: RenewalPhase = "idle";
  readonly #timer: RenewalTimer;
  #closing = false;
  readonly #silenced = new SilencedTopics();
  /** Whether the venue announced the end of the connection that carries the topics. */
  #endAnnounced = false;

  constructor(options: ShardOptions, owner: ShardOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#channels = new ChannelCount(options.limits.channelLimits);
    this.#timer = new RenewalTimer(options.timer, options.random, options.renewal);
    this.#current = new Link(options.link, this);
    this.#current.start();
  }

  /** The connection that carries the topics now. */
  get link(): Link {
    return this.#current;
  }

  get #successor(): Link | undefined {
    return this.#next?.link;
  }

  /** Whether it takes topics. */
  get isOpen(): boolean {
    return !this.#closing;
  }

  /** Both connections during a renewal. */
  get links(): readonly Link[] {
    return this.#successor === undefined ? [this.#current] : [this.#current, this.#successor];
  }

  /** Whether one more topic fits in: the venue counts those too that it has not given up yet. */
  hasRoom(topic: string): boolean {
    const size = Math.max(this.topics.size, ...this.links.map((link) => link.registry.size));
    if (this.#closing || size >= this.#options.limits.maxTopicsPerConnection) return false;
    return this.links.every((link) => this.#channels.hasRoom(topic, () => link.registry.topics));
  }

  /** Whether the connection that carries the topics has this one confirmed. */
  isConfirmed(name: string): boolean {
    return this.#current.registry.isHeld(name);
  }

  add(topic: Topic<unknown>): void {
    this.topics.set(topic.name, topic);
    this.#channels.add(topic.name, 1);
    if (this.#phase !== "idle") topic.overlap();
    for (const link of this.links) link.want(topic.name);
  }

  remove(topic: Topic<unknown>): void {
    if (this.topics.delete(topic.name)) this.#channels.add(topic.name, -1);
    this.#silenced.delete(topic);
    this.#next?.refused.delete(topic.name);
    for (const link of this.links) link.unwant(topic.name);
    this.#progress();
  }

  /** Replaces the connection by a new one, unless that is under way. */
  renew(): void {
    if (this.#phase !== "idle" || this.#closing || this.#options.renewal === undefined) return;
    const link = new Link(this.#options.link, this);
    this.#next = new Successor(link);
    for (const topic of this.topics.values()) {
      topic.overlap();
      link.want(topic.name);
    }
    this.#enter("opening", this.#options.renewal.timeoutMs, () => this.#abandon("tooLate"));
    link.start();
  }

  async shutdown(): Promise<void> {
    this.#closing = true;
    this.#timer.close();
    await Promise.all(this.links.map((link) => link.shutdown()));
  }

  event(
    link: Link,
    name: string,
    data: unknown,
    session: Session,
    receivedAt: number,
    arrivedAt: number,
  ): void {
    const topic = this.topics.get(name);
    // Subscribed again while its cancellation is under way: a hole follows that no session tells
    // of.
    if (
      topic !== undefined &&
      topic.watch.snapshot.phase !== "live" &&
      link.registry.isDropping(name)
    )
      return;
    if (link === this.#current) {
      if (topic === undefined) return;
      // While the new connection takes over, what the old one left behind is as good as before.
      const isCurrent = link.isCurrent(name) || this.#phase === "closing";
      const isDelivered = topic.offer(data, session, receivedAt, isCurrent, arrivedAt);
      if (
        isDelivered &&
        topic.watch.snapshot.phase !== "live" &&
        link.isCurrent(name) &&
        link.registry.isHeld(name)
      )
        this.#live(topic);
    } else if (link === this.#successor) {
      topic?.offerSuccessor({ data, session, receivedAt, arrivedAt });
      if (this.#phase === "opening") this.#progress();
    }
  }

  confirmed(link: Link, names: readonly string[]): void {
    if (link === this.#successor) {
      this.#next?.confirmed(this.#options.timer.now());
      this.#progress();
      return;
    }
    for (const name of names) {
      const topic = this.topics.get(name);
      if (topic !== undefined && link === this.#current) this.#live(topic);
    }
    if (link === this.#current) this.#compareRefusals();
  }

  /** Only the connection that carries a topic can end it. */
  refused(link: Link, name: string, error: WsError): void {
    if (link === this.#current) {
      this.#end(name, error);
    } else if (link === this.#successor) {
      this.#next?.refused.set(name, error);
      if (!this.#compareRefusals()) this.#progress();
    }
  }

  /**
   * On the new connection it is tried again for as long as the renewal may take; the old one
   * delivers.
   */
  putOff(link: Link, names: readonly string[], error: WsError): void {
    if (link !== this.#current) return;
    for (const name of names) {
      const topic = this.topics.get(name);
      if (topic === undefined) continue;
      // What the venue publishes until it is confirmed again does not come.
      if (topic.isHeld) topic.lapsed("venue");
      topic.unsettle(error, false);
    }
  }

  resyncing(link: Link, name: string, isDoubted: boolean): void {
    const topic = this.topics.get(name);
    if (link !== this.#current || topic === undefined) return;
    const message = "the topic's snapshot is asked for again";
    const error = new WsError({ kind: "server", code: "RESYNC", message });
    if (isDoubted) topic.unsettle(error, false);
    else if (topic.isHeld) topic.watch.enter("stale", error);
  }

  venueStatus(link: Link, state: VenueState, detail: string | undefined): void {
    this.#owner.venueStatus(link, state, detail);
  }

  ending(link: Link, _reason: string): void {
    if (link === this.#current) {
      // Said again and again, it is no reason to do without the pause after a failure.
      if (!this.#endAnnounced || !this.#timer.isPausing) this.renew();
      this.#endAnnounced = true;
    } else if (link === this.#successor) {
      this.#abandon("newEnding");
    }
  }

  up(link: Link): void {
    const { renewal, random } = this.#options;
    if (link === this.#current) this.#endAnnounced = false;
    // Without topics there is nothing to wait for.
    if (link === this.#successor) this.#progress();
    if (link !== this.#current || this.#phase !== "idle" || renewal === undefined) return;
    this.#enter("idle", renewal.afterMs * (1 - 0.1 * random.next()), () => this.renew());
  }

  down(link: Link, cause: WsError | undefined, isLost: (topic: string) => boolean): void {
    if (!link.isUp) this.#owner.lost(link);
    if (link === this.#successor) return this.#abandon("newDown");
    if (link !== this.#current) return;
    // What made the old connection end was often announced: the new one then has everything
    // already. What the old one had received is still told first.
    const successor = this.#successor?.isUp === true ? this.#successor : undefined;
    for (const topic of this.topics.values()) {
      // A lost session leaves a socket that may take long to close, and the new connection waits
      // for it.
      const isCarried = !link.isUp && successor?.registry.isHeld(topic.name) === true;
      if (isLost(topic.name) && !isCarried) topic.unsettle(cause, true);
    }
    if (successor !== undefined) this.#closeOld("oldDown");
  }

  broke(link: Link, isConcerned: (topic: string) => boolean): void {
    if (link !== this.#current && link !== this.#successor) return;
    for (const topic of this.topics.values()) {
      if (!isConcerned(topic.name)) continue;
      const session = link.sessionOf(topic.name);
      // A topic in any other phase goes on when it is confirmed.
      if (session !== undefined && topic.isHeld) topic.broke(session, link === this.#successor);
    }
  }

  silent(link: Link): void {
    if (link === this.#current) this.#silenced.silence(this.topics.values());
  }

  heard(link: Link): void {
    if (link === this.#current) this.#silenced.revive((topic) => this.#owner.heard(topic));
  }

  ended(link: Link, error: WsError | undefined): void {
    this.#owner.lost(link);
    if (link === this.#successor) {
      if (this.#closing) return;
      if (error !== undefined && this.#phase !== "closing")
        this.#owner.fault(renewalGivenUp("the new connection failed for good", error));
      this.#abandon("newFailed");
      // Nothing was left to keep.
      if (link === this.#current) this.#over(error);
    } else if (link === this.#current) {
      if (this.#successor !== undefined && !this.#closing) this.#promote();
      else this.#over(error);
    }
  }

  fault(error: unknown): void {
    this.#owner.fault(error);
  }

  nextEpoch(): number {
    return this.#owner.nextEpoch();
  }

  #live(topic: Topic<unknown>): void {
    const session = this.#current.sessionOf(topic.name);
    if (session !== undefined) topic.confirmed(session);
    topic.watch.enter("live", undefined, session?.epoch);
    this.#owner.fresh(topic);
  }

  #end(name: string, error: WsError): void {
    const topic = this.topics.get(name);
    if (topic === undefined) return;
    topic.end(error);
    this.remove(topic);
    this.#owner.refused(topic);
  }

  /**
   * A new connection that is refused what the old one delivers does not replace it. Tells whether
   * the renewal was given up for that.
   */
  #compareRefusals(): boolean {
    if (this.#phase === "closing") return false;
    for (const [name, error] of this.#next?.refused ?? []) {
      // The venue may deliver a topic whose confirmation was lost.
      const isDelivered = this.topics.get(name)?.isHeld === true;
      if (!this.#current.registry.isHeld(name) && !isDelivered) continue;
      this.#owner.fault(renewalGivenUp(`the new connection was refused ${name}`, error));
      this.#abandon("refused");
      return true;
    }
    return false;
  }

  /** Looks whether the new connection is complete. */
  #progress(): void {
    const { renewal } = this.#options;
    const successor = this.#successor;
    if (this.#phase !== "opening" || renewal === undefined || successor?.isUp !== true) return;
    if (!successor.registry.isSettled) return;
    // Nothing need ever come on quiet topics. Data that does come ends the wait.
    const sawEvents = successor.lastEventAt !== undefined;
    const waitMs = sawEvents ? renewal.overlapMs : Math.max(renewal.quietMs, renewal.overlapMs);
    if (sawEvents) this.#enter("overlapping", waitMs, () => this.#overlapped());
    else this.#timer.set(waitMs, () => this.#overlapped());
  }

  #overlapped(): void {
    if (!this.#compareRefusals()) this.#closeOld("overlapped");
  }

  /**
   * The old connection tells the last of what it has, then ends, and {@link ended} promotes the new
   * one.
   */
  #closeOld(how: RenewalEnd): void {
    this.#options.onRenewalEnd?.(how);
    this.#enter("closing");
    void this.#current.shutdown();
  }

  /** The new connection takes over, whatever state the old one is in. */
  #promote(): void {
    const next = this.#next;
    if (next === undefined) return;
    const old = this.#current;
    const successor = next.link;
    const isSeamless = next.isSeamless(old, this.#options.renewal?.overlapMs ?? 0);
    this.#current = successor;
    this.#next = undefined;
    this.#silenced.clear();
    for (const topic of this.topics.values()) {
      topic.switched(next.switchOf(topic, old, isSeamless));
      if (successor.isUp && successor.registry.isHeld(topic.name)) this.#live(topic);
      else topic.unsettle(undefined, true);
    }
    for (const [name, error] of next.refused) this.#end(name, error);
    this.#endAnnounced = false;
    this.#timer.succeeded();
    this.#enter("idle");
    if (successor.isUp) this.up(successor);
    if (successor.isSilent) this.silent(successor);
    void old.shutdown();
  }

  /** The old connection is kept. */
  #abandon(how: RenewalEnd): void {
    const successor = this.#successor;
    if (successor === undefined) return;
    this.#options.onRenewalEnd?.(how);
    // The old one is on its way out: what is left of the new one has to do.
    if (this.#phase === "closing") return this.#promote();
    this.#next = undefined;
    for (const topic of this.topics.values()) topic.keep(this.#current.sessionOf(topic.name));
    this.#enter("idle", this.#timer.failed(), () => this.renew());
    void successor.shutdown();
  }

  #over(error: WsError | undefined): void {
    this.#closing = true;
    this.#timer.close();
    for (const topic of Array.from(this.topics.values())) topic.end(error);
    this.topics.clear();
    void this.#successor?.shutdown();
    this.#owner.ended(this, error);
  }

  #enter(phase: RenewalPhase, waitMs?: number, then?: () => void): void {
    this.#phase = phase;
    if (waitMs === undefined || then === undefined) this.#timer.clear();
    else this.#timer.set(waitMs, then);
  }
}

function renewalGivenUp(why: string, cause: WsError): WsError {
  const message = `${why}: the old one is kept, and the renewal is tried again later`;
  return new WsError({ kind: cause.kind, code: "RENEWAL_GIVEN_UP", message, cause });
}
