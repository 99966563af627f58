import type { FaultId } from "./fault.js";

/** What a client announces of its connection: it is `down`, or what it brings may be `stale`. */
export type Announcement = "down" | "stale";

/** How the server answers a text of the client. */
export interface Answer {
  /** A regular expression; the first answer whose pattern matches is given. */
  readonly when: string;
  /** The text that goes back, with `$1` and so on from the match. Default: none. */
  readonly text?: string | undefined;
  /**
   * The data begins with this, and the groups of the match can be used in {@link Dialect.frame}.
   */
  readonly subscribes?: boolean | undefined;
}

/**
 * What the server has to speak, for clients that are made for one. It knows neither compression nor
 * fragmented messages of the client.
 */
export interface Dialect {
  /**
   * A data frame: `%id%` is replaced by its number, `%pad%` by filling, `$1` and so on by groups of
   * the subscription.
   */
  readonly frame: string;
  /** Default: none, and the data begins when the connection is up. */
  readonly answers?: readonly Answer[] | undefined;
  /**
   * A regular expression; a request whose target matches subscribes by that. Default: none does.
   */
  readonly subscribedBy?: string | undefined;
}

/** What a driver is given, and tells what its client does. */
export interface DriverContext {
  /** Where to connect. Clients that put a path behind it may. */
  readonly url: string;
  /**
   * The same, from a provider that can fail: for clients that ask for a URL or for credentials on
   * every attempt.
   */
  readonly provideUrl: () => Promise<string>;
  /**
   * A frame has reached the application. Resolves when the application is ready for the next one: a
   * client with backpressure waits for it, any other goes on, as its users' handlers do. Never
   * rejects.
   *
   * @param id its number, from 1 on, as {@link Dialect.frame} wrote it
   * @param payload what the client handed over; held until the application got round to it
   */
  readonly frame: (id: number, payload: unknown) => Promise<void> | undefined;
  /** The client announced something about its connection, by whatever means it has. */
  readonly said: (what: Announcement, detail?: string) => void;
  /**
   * The client announced that frames were lost, and how many, if it knows; it is then held to the
   * number.
   */
  readonly lost: (count?: number) => void;
  /** The client has ended for good and says so. */
  readonly closed: (detail?: string) => void;
}

/** What a client can be asked while it runs. What it has no method for is not asked of it. */
export interface DriverHandle {
  /** Sends a text. A throw, a rejection and `false` mean that the client says it was not sent. */
  send?(text: string): unknown;
  /**
   * Begins the planned replacement of the connection, for a client that has one, as its own timer
   * would.
   */
  renew?(): unknown;
}

/** A driver: the default export of an ES module, which is run in a process of its own. */
export interface SoakDriver {
  /**
   * The client's name, and its version if that is to be in the table. Default: the name of the
   * module.
   */
  readonly title?: string | undefined;
  /** Default: {@link PLAIN_DIALECT}. */
  readonly dialect?: Dialect | undefined;
  /**
   * Whether the client asks {@link DriverContext.provideUrl} on every attempt; without it there is
   * nothing that could reject.
   */
  readonly asksProvider?: boolean | undefined;
  /**
   * What a reader of the table should know about how the client was used, by fault; `all` for every
   * fault.
   */
  readonly notes?: Readonly<Partial<Record<FaultId | "all", string>>> | undefined;
  /** Opens the client. A throw or a rejection means that it cannot be driven here, and why. */
  start(context: DriverContext): DriverHandle | Promise<DriverHandle>;
}

/** Plain numbered texts, for clients that take any. */
export const PLAIN_DIALECT: Dialect = { frame: '{"id":%id%,"pad":"%pad%"}' };

/** The number of a frame of {@link PLAIN_DIALECT}. */
export function plainId(text: string): number {
  return Number(/^\{"id":(\d+)/.exec(text)?.[1]);
}
