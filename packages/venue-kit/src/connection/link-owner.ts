import type { WsError } from "@oath-ws/contract";
import type { Link } from "./link.js";
import type { VenueState } from "./venue-status.js";
import type { Session } from "../topic/session.js";

/** Who is told what happens on a {@link Link}. */
export interface LinkOwner {
  event(
    link: Link,
    topic: string,
    data: unknown,
    session: Session,
    receivedAt: number,
    arrivedAt: number,
  ): void;
  /**
   * A command was carried out, with these topics subscribed by it: none, for one that unsubscribed.
   */
  confirmed(link: Link, topics: readonly string[]): void;
  /** The venue refused the topic on this connection, and will not be asked for it again there. */
  refused(link: Link, topic: string, error: WsError): void;
  /**
   * These topics were not subscribed on this connection, for this reason: the venue refused them,
   * or the login that they need, for now, or did not answer, or they could not be asked for. They
   * are asked for again.
   */
  putOff(link: Link, topics: readonly string[], error: WsError): void;
  /** The topic is being subscribed again. `isDoubted`: what is known of it is of no use. */
  resyncing(link: Link, topic: string, isDoubted: boolean): void;
  /** The venue said in which state it is. */
  venueStatus(link: Link, state: VenueState, detail: string | undefined): void;
  /** The venue will end the connection. */
  ending(link: Link, reason: string): void;
  up(link: Link): void;
  /**
   * The connection broke, or the session on it was lost, and with it what the venue had of these
   * topics.
   */
  down(link: Link, cause: WsError | undefined, isLost: (topic: string) => boolean): void;
  /**
   * Something was lost, or could not be read: the topics that it may be about, and that are
   * subscribed on this connection, go on in another session.
   */
  broke(link: Link, isConcerned: (topic: string) => boolean): void;
  /** The connection is open but silent: nothing comes on it, or no heartbeat. */
  silent(link: Link): void;
  /** It is not silent any more. */
  heard(link: Link): void;
  /** No more will come: it was shut down, or failed for good. Told once, last. */
  ended(link: Link, error: WsError | undefined): void;
  fault(error: unknown): void;
  /** The number of a new session. */
  nextEpoch(): number;
}
