import type {
  CancelSignal,
  Handshake,
  LeafConnection,
  LeafEvents,
  LeafFrame,
  SendOutcome,
  WsConnector,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { ForwardedEvents } from "@oath-ws/resilience/leaf";

/** A fault planted into a working connector, and the cases that must notice it. */
export interface BrokenConnector {
  readonly fault: string;
  readonly wrap: (connector: WsConnector) => WsConnector;
  /** How the names of cases that must fail begin. */
  readonly caught: readonly string[];
}

/** A fault in what is told: some of the events are told in another way. */
export function inEvents(
  mutate: (to: LeafEvents, connection: () => LeafConnection) => Partial<LeafEvents>,
): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: (handshake, events, options) => {
      let connection: LeafConnection | undefined;
      const opened = (): LeafConnection => {
        if (connection === undefined) throw new Error("not opened");
        return connection;
      };
      const kept = new (class extends ForwardedEvents {
        override opened(inner: LeafConnection): void {
          connection = inner;
          super.opened(inner);
        }
      })(events);
      const told = Object.assign(new ForwardedEvents(kept), mutate(events, opened));
      return connector.connect(handshake, told, options);
    },
  });
}

/** A fault in each frame that is told; `undefined` loses it. */
export function inFrames(
  mutate: (frame: LeafFrame, connection: LeafConnection) => LeafFrame | undefined,
): BrokenConnector["wrap"] {
  return inEvents((to, connection) => ({
    frame: (frame) => {
      const mutated = mutate(frame, connection());
      if (mutated !== undefined) to.frame(mutated);
    },
  }));
}

/** A fault in the connection that is told and given. */
export function inConnection(
  mutate: (connection: LeafConnection) => Partial<LeafConnection>,
): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: async (handshake, events, options) => {
      let broken: LeafConnection | undefined;
      const told = new (class extends ForwardedEvents {
        override opened(inner: LeafConnection): void {
          broken = changed(inner, mutate(inner));
          super.opened(broken);
        }
      })(events);
      const connection = await connector.connect(handshake, told, options);
      return broken ?? connection;
    },
  });
}

/** A fault in `send`. */
export function inSend(
  mutate: (
    send: LeafConnection["send"],
    connection: LeafConnection,
  ) => (...sent: Parameters<LeafConnection["send"]>) => void,
): BrokenConnector["wrap"] {
  return inConnection((connection) => ({
    send: mutate((frame, outcome) => connection.send(frame, outcome), connection),
  }));
}

/** An outcome that changes what is told of a failure. */
export function onFailure(outcome: SendOutcome, failed: (error: unknown) => void): SendOutcome {
  return { sent: () => outcome.sent(), failed };
}

function changed(inner: LeafConnection, part: Partial<LeafConnection>): LeafConnection {
  const forward: LeafConnection = {
    protocol: inner.protocol,
    headers: inner.headers,
    controlFrames: inner.controlFrames,
    get bufferedBytes() {
      return inner.bufferedBytes;
    },
    send: (frame, outcome) => inner.send(frame, outcome),
    close: (code, reason) => inner.close(code, reason),
    destroy: () => inner.destroy(),
  };
  return Object.defineProperties(forward, Object.getOwnPropertyDescriptors(part));
}

export function inDial(mutate: (handshake: Handshake) => Handshake): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: (handshake, events, options) => connector.connect(mutate(handshake), events, options),
  });
}

export function inFailure(
  mutate: (error: WsError, handshake: Handshake, signal: CancelSignal | undefined) => unknown,
): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: (handshake, events, options) =>
      connector.connect(handshake, events, options).catch((error: unknown) => {
        throw mutate(error as WsError, handshake, options?.signal);
      }),
  });
}

/** A copy of an error, with other fields. */
export const copy = (error: WsError, change: Partial<WsError>): WsError =>
  new WsError({
    kind: error.kind,
    code: error.code,
    message: error.message,
    status: error.status,
    retryAfterMs: error.retryAfterMs,
    ...change,
  });
