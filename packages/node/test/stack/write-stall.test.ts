import { stack } from "@oath-ws/resilience";
import { nodeNewId, nodeRandom, nodeSpawn } from "oath-ws/leaf";
import type { ReconnectingConnection } from "oath-ws";
import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { handshake, wsErrorOf } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";
import { LEAF_NAMES, LEAVES, turn } from "../hostile/support/hostile-row.js";
import type { LeafName } from "../hostile/support/hostile-row.js";

const MIB = 1024 * 1024;
const STALL_MS = 3_000;
const PROBE_MS = 1_000;

/** Real sockets, and time that the test moves. */
async function open(
  leaf: LeafName,
): Promise<{ timer: VirtualTimer; connection: ReconnectingConnection; peer: RawPeer }> {
  const timer = new VirtualTimer();
  const server = await rawServer();
  const connector = stack({
    leaf: LEAVES[leaf]({ timer }),
    timer,
    spawn: nodeSpawn,
    random: nodeRandom,
    newId: nodeNewId,
    config: {
      liveness: { probeAfterMs: PROBE_MS, staleAfterMs: 2_000, deadAfterMs: STALL_MS },
      send: { maxPendingBytes: 64 * MIB },
      backoff: { minMs: 1, maxMs: 1 },
    },
  });
  const opening = connector.connect(handshake(server.url));
  const peer = new RawPeer(await server.next());
  await peer.upgrade();
  const connection = await opening;
  onTestFinished(async () => {
    const ended = connection.control.shutdown({ timeoutMs: 0 });
    timer.advance(1);
    await ended;
  });
  return { timer, connection, peer };
}

/** The peer sends something, and `ms` pass; what it sent has arrived when this resolves. */
async function tick(
  { timer, connection, peer }: Awaited<ReturnType<typeof open>>,
  ms: number,
): Promise<void> {
  peer.socket.write(frame(OP.text, "tick"));
  while (connection.source.take() === undefined) await turn();
  timer.advance(ms);
  await turn();
}

describe.each(LEAF_NAMES)("a real peer that stops reading and goes on sending, over %s", (leaf) => {
  it("is left within the stall and a probe; sends in flight settle with that cause", async () => {
    const opened = await open(leaf);
    const { timer, connection, peer } = opened;
    peer.socket.pause();
    for (let i = 0; i < 24; i++)
      void connection.sink.send(Buffer.alloc(MIB)).catch(() => undefined);
    const order = wsErrorOf(connection.sink.send("order"));
    const closing = connection.sink.close();
    // The kernel takes what it can before the time begins to count.
    for (let i = 0; i < 20; i++) await tick(opened, 0);
    const startedAt = timer.now();
    while (connection.lifecycle.snapshot.cause === undefined) {
      expect(timer.now() - startedAt).toBeLessThanOrEqual(STALL_MS + PROBE_MS + 200);
      await tick(opened, 50);
    }
    expect(connection.lifecycle.snapshot.cause).toMatchObject({ code: "WRITE_STALLED", epoch: 1 });
    const error = await order;
    expect(error).toMatchObject({ code: "SEND_FATE_UNKNOWN", epoch: 1 });
    expect(error.cause).toMatchObject({ kind: "timeout", code: "WRITE_STALLED" });
    await closing;
  });

  it("is kept while one large frame moves slowly, for much longer than the stall", async () => {
    const opened = await open(leaf);
    const { timer, connection, peer } = opened;
    peer.socket.pause();
    const progress = { sent: false };
    const sending = connection.sink.send(Buffer.alloc(32 * MIB)).then(() => {
      progress.sent = true;
    });
    const startedAt = timer.now();
    while (!progress.sent) {
      const before = peer.socket.bytesRead;
      peer.socket.resume();
      // More than the kernel must see free before it opens the window again.
      while (!progress.sent && peer.socket.bytesRead - before < 4 * MIB) await turn();
      peer.socket.pause();
      for (let i = 0; i < 4; i++) await tick(opened, 500);
      expect(connection.lifecycle.snapshot).toMatchObject({ epoch: 1, cause: undefined });
    }
    await sending;
    expect(timer.now() - startedAt).toBeGreaterThan(2 * STALL_MS);
  });
});
