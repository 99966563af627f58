import type { Frame, Timer, WsConnector, WsSink, WsSource } from "@oath-ws/contract";

/** A frame that the stack handed to its leaf. */
export interface Handover {
  readonly at: number;
  readonly kind: "text" | "binary" | "ping" | "pong" | "close";
  readonly text: string;
  /** Which of the leaf's connections, 1 for the first. */
  readonly connection: number;
}

/**
 * Writes down what is sent through a leaf, at the moment when it is handed over.
 *
 * @param shortcuts whether it has what is optional of a leaf: sources that can be diverted
 *   (ADR-0035), and sinks that take an outcome
 */
export function recordingLeaf(
  inner: WsConnector,
  timer: Timer,
  log: Handover[],
  shortcuts: boolean,
): WsConnector {
  let connections = 0;
  return {
    async connect(handshake, options) {
      const connection = await inner.connect(handshake, options);
      const index = ++connections;
      const sink: WsSink = {
        send: (frame, sendOptions) => {
          log.push({ at: timer.now(), ...describe(frame), connection: index });
          return connection.sink.send(frame, sendOptions);
        },
        close: (code, reason) => connection.sink.close(code, reason),
      };
      return {
        source: shortcuts ? connection.source : undivertible(connection.source),
        lifecycle: connection.lifecycle,
        protocol: connection.protocol,
        controlFrames: connection.controlFrames,
        destroy: () => {
          connection.destroy();
        },
        sink: shortcuts ? { ...sink, handOver: handOver(sink) } : sink,
      };
    },
  };
}

function handOver(sink: WsSink): NonNullable<WsSink["handOver"]> {
  return (frame, outcome) => {
    sink.send(frame).then(
      () => outcome.sent(),
      (error: unknown) => outcome.failed(error),
    );
  };
}

/** A source whose frames have to be taken. */
export function undivertible(source: WsSource<Frame>): WsSource<Frame> {
  return {
    take: () => source.take(),
    readable: (options) => source.readable(options),
    [Symbol.asyncIterator]: () => source[Symbol.asyncIterator](),
  };
}

function describe(frame: Frame | string | Uint8Array): { kind: Handover["kind"]; text: string } {
  if (typeof frame === "string") return { kind: "text", text: frame };
  const [kind, data] =
    frame instanceof Uint8Array
      ? (["binary", frame] as const)
      : ([frame.kind, frame.data] as const);
  return { kind, text: new TextDecoder().decode(data) };
}
