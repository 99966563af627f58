import type { FrameSource, ReconnectingConnection, WsSink } from "@oath-ws/contract";

/**
 * The same connection with another half, or two: for what looks at frames or sends as they pass.
 * The rest, shutdown included, stays that of the given connection.
 */
export function withHalves(
  connection: ReconnectingConnection,
  halves: { readonly sink?: WsSink; readonly source?: FrameSource },
): ReconnectingConnection {
  const { id, name, sink, source, lifecycle, control, trigger } = connection;
  return {
    id,
    name,
    sink: halves.sink ?? sink,
    source: halves.source ?? source,
    lifecycle,
    control,
    trigger,
    stats: () => connection.stats(),
    get headers() {
      return connection.headers;
    },
    get protocol() {
      return connection.protocol;
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
