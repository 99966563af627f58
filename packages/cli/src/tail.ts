import { parseArgs } from "node:util";
import type { ReceivedFrame, ReconnectingConnection } from "oath-ws";
import { open } from "oath-ws";
import { parseDuration } from "./duration.js";
import { Output } from "./output.js";
import { errorLine, follow } from "./session.js";
import { stopSignal } from "./stop-signal.js";
import { UsageError } from "./usage-error.js";

export const TAIL_USAGE = "oath-ws tail <ws-or-wss-url> [--send TEXT] [--header K:V] [--for DURATION] [--json]";

/** Follows any server and prints what comes, reconnecting as needed. `--send` is repeated in every epoch, as subscriptions must be. */
export async function tail(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      send: { type: "string", multiple: true, default: [] },
      header: { type: "string", multiple: true, default: [] },
      for: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [url, ...rest] = positionals;
  if (url === undefined || rest.length > 0) throw new UsageError(`usage: ${TAIL_USAGE}`);
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const headers = parseHeaders(values.header);
  const stop = stopSignal(forMs);
  try {
    const connection = await open(url, { headers, awaitFirst: false });
    await firstConnection(connection, stop.signal);
    await follow(connection, {
      output: new Output(process.stdout),
      json: values.json,
      signal: stop.signal,
      describe,
      onEpoch: (epoch) => {
        for (const text of values.send) sendIn(connection, text, epoch);
      },
    });
  } finally {
    stop.release();
  }
}

/** A person at a terminal wants to hear of a wrong address at once; only an outage after that is worth waiting for. */
async function firstConnection(connection: ReconnectingConnection, signal: AbortSignal): Promise<void> {
  const giveUp = (): void => void connection.control.shutdown({ timeoutMs: 0 });
  signal.addEventListener("abort", giveUp);
  if (signal.aborted) giveUp();
  try {
    for await (const { epoch, cause } of connection.lifecycle) {
      if (epoch > 0) return;
      if (cause === undefined) continue;
      giveUp();
      throw cause;
    }
    throw new Error("stopped before there was a connection");
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function sendIn(connection: ReconnectingConnection, text: string, epoch: number): void {
  connection.sink.send(text, { epoch }).catch((error: unknown) => {
    process.stderr.write(`oath-ws: not sent in epoch ${epoch}: ${errorLine(error)}\n`);
  });
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    // The value may be a token: an error must not repeat it.
    if (colon < 1) throw new UsageError("--header takes NAME:VALUE");
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function describe(frame: ReceivedFrame, missing: number): string {
  const gap = missing > 0 ? `-- ${missing} frames dropped here\n` : "";
  return gap + (frame.kind === "text" ? frame.text() : `(${frame.data.byteLength} bytes of binary)`);
}
