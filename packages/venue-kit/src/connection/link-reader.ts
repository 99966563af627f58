import type { ReceivedFrame } from "@oath-ws/contract";
import type { EpochSessions } from "./epoch-sessions.js";
import { LinkInbox } from "./link-inbox.js";
import type { Link } from "./link.js";
import type { LinkOptions } from "./link-options.js";
import type { LinkOwner } from "./link-owner.js";
import { LinkSessions } from "./link-sessions.js";
import type { FrameTaker } from "./read-frames.js";
import type { GapReason } from "../topic/gap-record.js";
import type { Session } from "../topic/session.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";

const all = (): boolean => true;

/** What a {@link LinkReader} works on. */
export interface LinkReaderParts {
  readonly link: Link;
  readonly owner: LinkOwner;
  readonly options: LinkOptions;
  readonly epochs: EpochSessions;
}

/**
 * Gives the frames of one link to the grammar, and its events to the link's owner; notices what was
 * lost on the way, and keeps the sessions that this begins and ends.
 */
export class LinkReader implements FrameTaker {
  readonly #parts: LinkReaderParts;
  readonly #needsLogin: (topic: string) => boolean;
  readonly #elapsed: ElapsedTimer;
  readonly #inbox: LinkInbox;
  readonly #sessions = new LinkSessions();
  #frame: ReceivedFrame | undefined;
  #isCaughtUp = true;
  #nextSeq = 0;
  #lastEventAt: number | undefined;
  #arrivedAt = 0;
  /** When the frame of {@link arrivedAt} was read, by the monotonic clock. */
  #receivedAt = Number.NaN;

  constructor(parts: LinkReaderParts) {
    const { timer, venue } = parts.options;
    this.#parts = parts;
    this.#needsLogin = venue.needsLogin ?? all;
    this.#elapsed = elapsedTimer(timer);
    this.#inbox = new LinkInbox(parts.link, this);
  }

  /** The transport epoch of the frame that is read, or was read last; 0 before the first. */
  get frameEpoch(): number {
    return this.#frame?.epoch ?? 0;
  }

  /** When that frame arrived, in elapsed milliseconds. */
  get arrivedAt(): number {
    return this.#arrivedAt;
  }

  /** When the last event arrived, in elapsed milliseconds; `undefined` before the first. */
  get lastEventAt(): number | undefined {
    return this.#lastEventAt;
  }

  /** Whether every frame that has arrived was read. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  sessionOf(topic: string): Session | undefined {
    return this.#sessions.of(topic, this.#needsLogin(topic));
  }

  /** A connection begins, unless it is known already. */
  beginSession(epoch: number): void {
    this.#sessions.begin(epoch, () => this.#parts.owner.nextEpoch());
  }

  /** The login is void; what needs none goes on. */
  logOut(): void {
    this.#sessions.logOut(this.#needsLogin);
  }

  caughtUp(): void {
    this.#isCaughtUp = true;
    this.#parts.link.speech.queries.caughtUp();
  }

  receive(frame: ReceivedFrame): void {
    const { link, owner, epochs } = this.#parts;
    this.#isCaughtUp = false;
    const { receivedAt } = frame;
    // Once for all frames of a read, and first: a later look would not be the one that notices a
    // sleep.
    if (receivedAt !== this.#receivedAt) {
      this.#receivedAt = receivedAt;
      this.#arrivedAt = this.#elapsed.arrived(receivedAt);
    }
    if (frame.epoch !== this.#frame?.epoch) {
      // The connection's first frame may be here before its beginning was told.
      link.look();
      this.beginSession(frame.epoch);
    } else if (frame.seq !== this.#nextSeq) {
      this.#sessions.break("lagged");
      owner.broke(link, all);
    }
    this.#frame = frame;
    this.#nextSeq = frame.seq + 1;
    link.received();
    try {
      epochs.reader(frame.epoch).receive(frame, this.#inbox);
    } catch (error) {
      this.#inbox.unreadable(all, error);
    }
  }

  event(topic: string, data: unknown): void {
    const { link, owner } = this.#parts;
    const session = this.sessionOf(topic);
    if (session === undefined || this.#frame === undefined) return;
    this.#lastEventAt = this.#arrivedAt;
    try {
      owner.event(link, topic, data, session, this.#receivedAt, this.#arrivedAt);
    } catch (error) {
      // The topic's rules could not make anything of it; the frame's other topics go on.
      this.broke((one) => one === topic, "malformed");
      owner.fault(error);
    }
  }

  /** Something of these topics was lost, on a connection that goes on. */
  broke(isConcerned: (topic: string) => boolean, reason: GapReason): void {
    const { link, owner } = this.#parts;
    for (const topic of link.registry.topics) {
      if (isConcerned(topic)) this.#sessions.breakTopic(topic, this.#needsLogin(topic), reason);
    }
    owner.broke(link, isConcerned);
  }
}
