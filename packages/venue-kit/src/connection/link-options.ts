import type { Random, ReconnectingConnection, Timer } from "@oath-ws/contract";
import type { CommandTimes } from "./command-pump.js";
import type { EpochOptions } from "./epoch-sessions.js";
import type { HeartbeatOptions } from "./heartbeat.js";
import type { Keepalive } from "./keepalive.js";
import type { OnLinkStep } from "./link-table.js";
import type { Login } from "./login.js";
import type { SendOptions } from "./message-sender.js";
import type { StatedPause } from "./stated-pause.js";
import type { CommandLimits } from "./subscription-registry.js";

/**
 * What an adapter says of its venue's connections: languages, login, sending, and signs of life.
 */
export interface VenueOptions extends EpochOptions, SendOptions {
  /**
   * Whether the venue speaks first: nothing is said on a new connection before the grammar's
   * {@link Inbox.greeted}. Default false.
   */
  readonly awaitsGreeting?: boolean | undefined;
  /**
   * What has to happen on every new connection before anything can be subscribed. Default: nothing.
   */
  readonly login?: Login | undefined;
  /**
   * Which topics wait for the login. The others are subscribed as soon as the connection is up, and
   * outlast a session that is lost on it (ADR-0038). Default: all wait.
   */
  readonly needsLogin?: ((topic: string) => boolean) | undefined;
  /** What is said regularly once logged in. Default: nothing. */
  readonly keepalive?: Keepalive | undefined;
  /** What the venue says regularly on every connection. Default: nothing is expected. */
  readonly heartbeat?: HeartbeatOptions | undefined;
  readonly commands: CommandLimits & CommandTimes;
}

/** How links are made and what they may ask of the venue. */
export interface LinkOptions {
  readonly open: () => Promise<ReconnectingConnection>;
  readonly venue: VenueOptions;
  readonly timer: Timer;
  /** Spreads the pauses before something is asked again. */
  readonly random: Random;
  /**
   * The pause that the venue stated for logins: shared by the connections that it counts together.
   */
  readonly loginPause: StatedPause;
  /** Told of every step of the table. Default: none is told. */
  readonly onStep?: OnLinkStep | undefined;
}
