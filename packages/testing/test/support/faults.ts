import type {
  CancelSignal,
  Frame,
  Handshake,
  Lifecycle,
  WsConnection,
  WsConnector,
  WsSink,
  WsSource,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

/** A fault planted into a working connector, and the cases that must notice it. */
export interface BrokenConnector {
  readonly fault: string;
  readonly wrap: (connector: WsConnector) => WsConnector;
  /** How the names of cases that must fail begin. */
  readonly caught: readonly string[];
}

/** A promise that does not settle. */
export const never: Promise<never> = new Promise(() => {});

/** A fault in what `connect` gives. */
export function inConnection(
  mutate: (connection: WsConnection) => WsConnection,
): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: async (handshake, options) => mutate(await connector.connect(handshake, options)),
  });
}

export function inSink(
  mutate: (sink: WsSink, connection: WsConnection) => Partial<WsSink>,
): BrokenConnector["wrap"] {
  return inConnection((connection) => {
    const { sink } = connection;
    const forward: WsSink = {
      send: (frame, options) => sink.send(frame, options),
      close: (code, reason) => sink.close(code, reason),
    };
    return changed(connection, { sink: { ...forward, ...mutate(sink, connection) } });
  });
}

export function inSource(
  mutate: (source: WsSource<Frame>, connection: WsConnection) => Partial<WsSource<Frame>>,
): BrokenConnector["wrap"] {
  return inConnection((connection) => {
    const { source } = connection;
    const forward: WsSource<Frame> = {
      take: () => source.take(),
      readable: (options) => source.readable(options),
      [Symbol.asyncIterator]: () => source[Symbol.asyncIterator](),
    };
    return changed(connection, { source: { ...forward, ...mutate(source, connection) } });
  });
}

/** A fault in each frame that is taken; `undefined` loses it. */
export function inFrames(
  mutate: (frame: Frame, connection: WsConnection) => Frame | undefined,
): BrokenConnector["wrap"] {
  return inSource((source, connection) => ({
    take: () => {
      const frame = source.take();
      return frame === undefined ? undefined : mutate(frame, connection);
    },
  }));
}

export function inLifecycle(
  mutate: (lifecycle: Lifecycle) => Partial<Lifecycle>,
): BrokenConnector["wrap"] {
  return inConnection((connection) => {
    const { lifecycle } = connection;
    const broken = Object.create(
      lifecycle,
      Object.getOwnPropertyDescriptors(mutate(lifecycle)),
    ) as Lifecycle;
    // Private fields live on the original only.
    const bound = new Proxy(broken, {
      get(target, key) {
        const own = Object.hasOwn(target, key);
        const value: unknown = own ? Reflect.get(target, key) : Reflect.get(lifecycle, key);
        return typeof value === "function" && !own ? (value.bind(lifecycle) as unknown) : value;
      },
    });
    return changed(connection, { lifecycle: bound });
  });
}

export function changed(connection: WsConnection, part: Partial<WsConnection>): WsConnection {
  return { ...connection, ...part };
}

export function inDial(mutate: (handshake: Handshake) => Handshake): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: (handshake, options) => connector.connect(mutate(handshake), options),
  });
}

export function inFailure(
  mutate: (error: WsError, handshake: Handshake, signal: CancelSignal | undefined) => unknown,
): BrokenConnector["wrap"] {
  return (connector) => ({
    connect: (handshake, options) =>
      connector.connect(handshake, options).catch((error: unknown) => {
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
