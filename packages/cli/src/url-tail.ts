import type { ReceivedFrame, ReconnectingConnection } from "oath-ws";
import { open } from "oath-ws";
import { errorLine } from "./error-line.js";
import { firstEpoch } from "./first-epoch.js";
import { parseHeaders } from "./header-option.js";
import { Ledger, summaryLine } from "./ledger.js";
import { printLifecycle } from "./lifecycle-lines.js";
import type { Output } from "./output.js";

/** What {@link tailUrl} is told on the command line. */
export interface UrlTailOptions {
  readonly url: string;
  /** Sent in every epoch, as subscriptions must be. */
  readonly send: readonly string[];
  /** `NAME:VALUE`, each. */
  readonly header: readonly string[];
}

/**
 * Follows any server and prints what comes, reconnecting as needed, until the signal; the summary
 * follows.
 */
export async function tailUrl(
  { send, ...target }: UrlTailOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  await withConnection(target, signal, (connection) => follow(connection, send, output));
}

/**
 * Dials, and lends the connection once there is one; it is shut down on the signal, and when `use`
 * has ended. Rejects when there never was a connection, and with what `use` rejects with.
 */
export async function withConnection(
  { url, header }: Omit<UrlTailOptions, "send">,
  signal: AbortSignal,
  use: (connection: ReconnectingConnection) => Promise<void>,
): Promise<void> {
  const connection = await open(url, { headers: parseHeaders(header), awaitFirst: false });
  const shutdown = (): void => void connection.control.shutdown();
  signal.addEventListener("abort", shutdown);
  if (signal.aborted) shutdown();
  try {
    await firstEpoch(connection.lifecycle);
    await use(connection);
  } finally {
    signal.removeEventListener("abort", shutdown);
    await connection.control.shutdown({ timeoutMs: 0 });
  }
}

/** Prints what comes until the connection has shut down. */
export async function follow(
  connection: ReconnectingConnection,
  send: readonly string[],
  output: Output,
): Promise<void> {
  const ledger = new Ledger();
  const watching = printLifecycle(connection.lifecycle, output, {
    onEpoch: (epoch) => {
      for (const text of send) sendIn(connection, text, epoch);
    },
  });
  try {
    for await (const frame of connection.source) {
      const missing = ledger.note(frame);
      if (missing > 0)
        await output.show(
          () => undefined,
          () => `-- ${missing} frames dropped here`,
        );
      await output.show(
        () => frameRecord(frame),
        () => frameLine(frame),
      );
      if (output.broken) void connection.control.shutdown();
    }
  } finally {
    await connection.control.shutdown();
    await watching;
    const summary = ledger.summary(connection.lifecycle.snapshot);
    await output.show(
      () => summary,
      () => summaryLine(summary),
    );
  }
}

/** Sends the texts in every epoch, the one that stands included. */
export function sendInEveryEpoch(
  { sink, lifecycle }: Pick<ReconnectingConnection, "sink" | "lifecycle">,
  send: readonly string[],
): void {
  let epoch = 0;
  const subscribe = (): void => {
    const { snapshot } = lifecycle;
    if (snapshot.epoch === epoch) return;
    ({ epoch } = snapshot);
    for (const text of send) sendIn({ sink }, text, epoch);
  };
  lifecycle.subscribe(subscribe);
  subscribe();
}

/** Sends in this epoch only; a failure is told and changes nothing. */
export function sendIn(
  { sink }: Pick<ReconnectingConnection, "sink">,
  text: string,
  epoch: number,
): void {
  sink.send(text, { epoch }).catch((error: unknown) => {
    process.stderr.write(`oath-ws: not sent in epoch ${epoch}: ${errorLine(error)}\n`);
  });
}

/** Where a frame stands in the stream, and what it holds: text, or bytes in base64. */
function frameRecord(frame: ReceivedFrame): object {
  const { kind, epoch, seq, receivedAt, data } = frame;
  const payload =
    kind === "text"
      ? { text: frame.text() }
      : { base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") };
  return { type: "frame", kind, epoch, seq, receivedAt, bytes: data.byteLength, ...payload };
}

function frameLine(frame: ReceivedFrame): string {
  return frame.kind === "text" ? frame.text() : `(${frame.data.byteLength} bytes of binary)`;
}
