/**
 * The states of one of a feed's connections as data (ADR-0036). Everything that decides where a
 * connection goes next is in this table; the executor in `link.ts` looks steps up and performs
 * their effects. The diagram in the ADR is generated from it.
 *
 * ```
 * down -> greeting -> loggingIn <-> ready     the way up
 *   ^        |            |          |
 *   +--------+------------+----------+        the transport's connection ended
 * closing                                     shut down, or refused for good
 * ```
 */

/**
 * - `down`: the transport has no connection, or its end was just noticed
 * - `greeting`: the connection is open; the venue has not said that it hears commands. A venue that
 *   says nothing of the kind leaves this state at once
 * - `loggingIn`: topics that need no login are subscribed; the login is under way, or waits for its
 *   next try. Without a login this state is left at once
 * - `ready`: every topic may be subscribed
 * - `closing`: nothing is sent any more; what had arrived is still told
 */
export type LinkState = "down" | "greeting" | "loggingIn" | "ready" | "closing";

/**
 * What can happen.
 *
 * - `up` / `down`: the transport's connection began, or ended
 * - `greeted`: the venue hears commands
 * - `loggedIn` / `putOff`: the login succeeded, or failed for now
 * - `sessionLost`: the login is void, the connection goes on
 * - `silent` / `heard`: nothing comes any more, or something comes again
 * - `mute`: the connection is of no use, and another one is wanted
 * - `shutdown`: the owner ends the connection
 * - `failed`: the venue refuses us for good
 * - `ended`: the transport has handed over its last frame
 */
export type LinkInput =
  | "up"
  | "greeted"
  | "loggedIn"
  | "putOff"
  | "sessionLost"
  | "silent"
  | "heard"
  | "mute"
  | "down"
  | "shutdown"
  | "failed"
  | "ended";

/**
 * What a step does besides moving, in this order.
 *
 * - `adopt` / `forget`: answers and sends belong to the connection that began, or to none
 * - `open`: the adapter's state of the connection is made, and the owner is told
 * - `subscribe`: commands are sent, about the topics that may be asked for
 * - `logIn` / `logInAgain`: the login begins, or is repeated after its pause
 * - `admit`: topics that wait for the login may be asked for
 * - `tellPutOff`: the topics that wait for the login are told why
 * - `logOut`: what the venue had of the topics behind the login is void, and is told
 * - `halt`: nothing is sent any more and no timer runs; the adapter's state ends
 * - `tellDown` / `tellSilent` / `tellHeard`: the owner is told
 * - `reconnect`: the transport is asked for another connection
 * - `hangUp`: the transport is shut down
 * - `finish`: the owner is told that no more will come; the last effect ever
 */
export type LinkEffect =
  | "adopt"
  | "forget"
  | "open"
  | "subscribe"
  | "logIn"
  | "logInAgain"
  | "admit"
  | "tellPutOff"
  | "logOut"
  | "halt"
  | "tellDown"
  | "tellSilent"
  | "tellHeard"
  | "reconnect"
  | "hangUp"
  | "finish";

/** Where an input leads, and what is done on the way. */
export interface LinkStep {
  readonly to: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** The state does not care: the input changes nothing. */
const IGNORE = "ignore";

type Row = Readonly<Record<LinkInput, LinkStep | typeof IGNORE>>;

function to(state: LinkState, ...effects: readonly LinkEffect[]): LinkStep {
  return { to: state, effects };
}

/** With a connection, the ways down are the same, whatever stage it has reached. */
const WAYS_DOWN = {
  up: IGNORE,
  down: to("down", "forget", "halt", "tellDown"),
  shutdown: to("closing", "halt", "hangUp"),
  failed: to("closing", "halt", "hangUp"),
  ended: to("closing", "forget", "halt", "finish"),
} as const;

/** With a connection, silence is told and changes no stage. */
function silence(state: LinkState): Pick<Row, "silent" | "heard" | "mute"> {
  return {
    silent: to(state, "tellSilent"),
    heard: to(state, "tellHeard"),
    mute: to(state, "reconnect"),
  };
}

/** Every cell is there: inputs come from the venue and from outside, at any time. */
export const LINK_TRANSITIONS: Readonly<Record<LinkState, Row>> = {
  down: {
    up: to("greeting", "adopt", "open"),
    // Left over from the connection before.
    greeted: IGNORE,
    loggedIn: IGNORE,
    putOff: IGNORE,
    sessionLost: IGNORE,
    silent: IGNORE,
    heard: IGNORE,
    mute: IGNORE,
    down: IGNORE,
    shutdown: to("closing", "hangUp"),
    failed: to("closing", "hangUp"),
    ended: to("closing", "finish"),
  },
  greeting: {
    ...WAYS_DOWN,
    ...silence("greeting"),
    greeted: to("loggingIn", "subscribe", "logIn"),
    loggedIn: IGNORE,
    putOff: IGNORE,
    // The login begins with the greeting, after the pause that this may have begun.
    sessionLost: to("greeting", "logOut"),
  },
  loggingIn: {
    ...WAYS_DOWN,
    ...silence("loggingIn"),
    greeted: IGNORE,
    loggedIn: to("ready", "admit"),
    putOff: to("loggingIn", "tellPutOff"),
    sessionLost: to("loggingIn", "logOut", "logInAgain"),
  },
  ready: {
    ...WAYS_DOWN,
    ...silence("ready"),
    greeted: IGNORE,
    loggedIn: IGNORE,
    putOff: IGNORE,
    sessionLost: to("loggingIn", "logOut", "logInAgain"),
  },
  closing: {
    // The shutdown came while the transport was dialling.
    up: to("closing", "adopt"),
    greeted: IGNORE,
    loggedIn: IGNORE,
    putOff: IGNORE,
    sessionLost: IGNORE,
    silent: to("closing", "tellSilent"),
    heard: to("closing", "tellHeard"),
    mute: IGNORE,
    // Told by `finish`, after what had arrived.
    down: to("closing", "forget"),
    shutdown: to("closing", "hangUp"),
    failed: to("closing", "hangUp"),
    ended: to("closing", "forget", "finish"),
  },
};

/**
 * Told of every input that a feed's connection looks up, before the step is taken; inputs that the
 * table ignores are told too. It must not throw, and it must not call the feed.
 */
export type OnLinkStep = (state: LinkState, input: LinkInput) => void;
