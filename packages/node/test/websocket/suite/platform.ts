import { onTestFinished } from "vitest";
import type {
  ProtocolsSource,
  ReconnectingWebSocket,
  ReconnectingWebSocketOptions,
  ResilientWebSocket,
  ResilientWebSocketOptions,
  UrlSource,
} from "../../../src/websocket/index.js";
import { Story } from "../support/story.js";

/** The two classes of a platform; those of Node and of the web have the same types here. */
export interface Classes {
  readonly ReconnectingWebSocket: typeof ReconnectingWebSocket;
  readonly ResilientWebSocket: typeof ResilientWebSocket;
}

/** What a platform tells of a failure. */
export interface Platform extends Classes {
  /** The code of an upgrade that was refused with a status. */
  readonly refused: string;
  /** The code of an attempt where nothing listens. */
  readonly absent: string;
  /** Whether errors have the status of a refusal. */
  readonly tellsStatus: boolean;
  /** Options that choose what speaks WebSocket, one after the other. */
  readonly transports: readonly ReconnectingWebSocketOptions[];
  connect(
    url: UrlSource,
    options?: ReconnectingWebSocketOptions,
    protocols?: ProtocolsSource,
  ): { socket: ReconnectingWebSocket; story: Story };
  connectOnce(
    url: UrlSource,
    options?: ResilientWebSocketOptions,
    protocols?: ProtocolsSource,
  ): { socket: ResilientWebSocket; story: Story };
}

/**
 * Connects with these classes: sockets with delays that a test can wait for, and their stories;
 * closed when the test is over.
 */
export function connecting(
  { ReconnectingWebSocket, ResilientWebSocket }: Classes,
  always: ResilientWebSocketOptions,
): Pick<Platform, "connect" | "connectOnce"> {
  return {
    connect(url, options = {}, protocols) {
      const backoff = { minMs: 1, maxMs: 5, ...options.config?.backoff };
      const config = { ...options.config, backoff };
      const socket = new ReconnectingWebSocket(url, protocols, { ...always, ...options, config });
      onTestFinished(() => socket[Symbol.asyncDispose]());
      return { socket, story: new Story(socket) };
    },
    connectOnce(url, options, protocols) {
      const socket = new ResilientWebSocket(url, protocols, { ...always, ...options });
      onTestFinished(() => socket[Symbol.asyncDispose]());
      return { socket, story: new Story(socket) };
    },
  };
}
