import type {
  ReadableOptions,
  ReceivedFrame,
  ReconnectingConnection,
  WsSink,
  WsSource,
} from "@oath-ws/contract";
import { batchesOf } from "@oath-ws/resilience";

/** A connection of which one half, or both, are other ones. */
export function withHalves(
  connection: ReconnectingConnection,
  halves: { readonly sink?: WsSink; readonly source?: WsSource<ReceivedFrame> },
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

/** A source whose frames pass somebody on their way out. */
export function passing(
  source: WsSource<ReceivedFrame>,
  onTaken: (frame: ReceivedFrame) => void,
): WsSource<ReceivedFrame> {
  const take = (): ReceivedFrame | undefined => {
    const frame = source.take();
    if (frame !== undefined) onTaken(frame);
    return frame;
  };
  const readable = (options?: ReadableOptions): Promise<boolean> => source.readable(options);
  return {
    take,
    readable,
    batches: () => batchesOf({ take, readable }),
    async *[Symbol.asyncIterator]() {
      while (await source.readable())
        for (let frame = take(); frame !== undefined; frame = take()) yield frame;
      return undefined;
    },
  };
}
