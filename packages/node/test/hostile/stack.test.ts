import type { WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { open } from "oath-ws";
import type { OpenOptions, TraceEvent } from "oath-ws";
import { describe, expect, it } from "vitest";
import type { Plain } from "../support/connections.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import type { RawServer } from "../support/raw-server.js";
import { FRAME_ROWS } from "./support/frame-rows.js";
import { HANDSHAKE_ROWS } from "./support/handshake-rows.js";
import { LEAF_NAMES, MAX_MESSAGE_BYTES, outcomeOf } from "./support/hostile-row.js";
import type { HostileRow, LeafName } from "./support/hostile-row.js";

/** Attempts in a row that may fail. */
const ATTEMPTS = 3;

/** Serves every connection alike, for as long as the test lasts. */
async function serveAll(server: RawServer, row: HostileRow): Promise<void> {
  for (;;) {
    const peer = new RawPeer(await server.next());
    // A client that leaves early ends what it was served.
    row.serve(peer).catch(() => undefined);
  }
}

function optionsOf(
  { socket, protocols }: HostileRow,
  leaf: LeafName,
  events: TraceEvent[],
): OpenOptions {
  return {
    transport: leaf,
    socket,
    protocols,
    tracer: { trace: (event) => events.push(event) },
    config: {
      backoff: { minMs: 1, maxMs: 1 },
      attempts: { maxAttempts: ATTEMPTS, permanentRetries: 0 },
      limits: { maxMessageBytes: MAX_MESSAGE_BYTES },
    },
  };
}

async function reasonOf(promise: Promise<unknown>): Promise<WsError> {
  const reason: unknown = await promise.then(
    () => new Error("it did not reject"),
    (error: unknown) => error,
  );
  if (!isWsError(reason)) throw reason;
  return reason;
}

/** The failures in the order in which the stack saw them. */
function failuresIn(
  events: readonly TraceEvent[],
): { error: WsError; verdict: string; last: boolean }[] {
  return events.flatMap((event) =>
    event.kind === "failure"
      ? [{ error: event.error, verdict: event.verdict, last: event.retryAt === undefined }]
      : [],
  );
}

const failing = [...HANDSHAKE_ROWS, ...FRAME_ROWS];

describe.each(LEAF_NAMES)("the stack over the %s leaf, given a server with", (leaf) => {
  const rows = failing.flatMap((row) => {
    const outcome = outcomeOf(row, leaf);
    return outcome.at === "never" ? [] : [{ name: row.name, row, outcome }];
  });

  it.each(rows)("$name, retries or ends as the policy says", async ({ row, outcome }) => {
    const server = await rawServer();
    void serveAll(server, row);
    const events: TraceEvent[] = [];
    const opening = open(server.url, optionsOf(row, leaf, events));
    const permanent = outcome.at === "handshake" && outcome.verdict === "permanent";
    const attempts = permanent ? 1 : ATTEMPTS;
    if (outcome.at === "handshake") {
      const error = await reasonOf(opening);
      if (permanent) expect(error).toMatchObject(outcome.fault);
      else expect(error).toMatchObject({ code: "ATTEMPTS_EXHAUSTED", cause: outcome.fault });
    } else {
      const feed = await opening;
      const frames: Plain[] = [];
      const reading = (async () => {
        for await (const { kind, data } of feed.source)
          frames.push([kind, Buffer.from(data).toString("latin1")]);
      })();
      expect(await reasonOf(reading)).toMatchObject({
        code: "ATTEMPTS_EXHAUSTED",
        cause: outcome.fault,
      });
      // What came before the fault was delivered, once for each connection.
      expect(frames).toEqual(Array.from({ length: ATTEMPTS }, () => outcome.frames).flat());
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "closed",
        exhausted: true,
        epoch: ATTEMPTS,
      });
      await feed.control.shutdown();
    }
    const failures = failuresIn(events);
    expect(failures).toHaveLength(attempts);
    for (const [index, { error, verdict, last }] of failures.entries()) {
      expect(error).toMatchObject(outcome.fault);
      expect([verdict, last]).toEqual([
        permanent ? "permanent" : "transient",
        index === attempts - 1,
      ]);
    }
    expect(server.accepted).toHaveLength(attempts);
    await Promise.all(server.accepted.map(gone));
  });
});
