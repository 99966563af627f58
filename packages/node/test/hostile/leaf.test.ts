import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { connect, handshake, nextFrame, readAll, wsErrorOf } from "../support/connections.js";
import type { Plain } from "../support/connections.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { ManualTimer } from "../support/seams.js";
import { FRAME_ROWS } from "./support/frame-rows.js";
import { HANDSHAKE_ROWS } from "./support/handshake-rows.js";
import { LEAF_NAMES, LEAVES, MAX_MESSAGE_BYTES, outcomeOf } from "./support/hostile-row.js";
import type { HostileRow, LeafName, Outcome } from "./support/hostile-row.js";

/**
 * One attempt at one server, judged to the end: the fault, what came before it, and that nothing is
 * left.
 */
async function attempt(row: HostileRow, leaf: LeafName): Promise<void> {
  const outcome = outcomeOf(row, leaf);
  const timer = new ManualTimer();
  // It never ends its own side, so that only our own bounds can end the connection.
  const server = await rawServer({ allowHalfOpen: true });
  const { socket, protocols = [], maxMessageBytes = MAX_MESSAGE_BYTES } = row;
  const connecting = connect(
    LEAVES[leaf]({ socket, maxMessageBytes, timer }),
    handshake(server.url, { protocols }),
  );
  // The caller that waits for it first sees the failure; until then it must not be taken for one
  // that was not seen.
  connecting.catch(() => undefined);
  const peer = new RawPeer(await server.next());
  // A server whose client has left fails; what it was for is judged below.
  const served = row.serve(peer).catch(() => undefined);
  if (outcome.at === "handshake") {
    expect(await wsErrorOf(connecting)).toMatchObject(outcome.fault);
    // Dropped, not just ended: a write towards us is refused.
    await untilRefused(peer);
  } else {
    await established(await connecting, peer, outcome, timer);
  }
  await served;
  expect(timer.scheduled.size).toBe(0);
}

async function established(
  connection: Awaited<ReturnType<typeof connect>>,
  peer: RawPeer,
  outcome: Exclude<Outcome, { at: "handshake" }>,
  timer: ManualTimer,
): Promise<void> {
  if (outcome.at === "never") {
    const frames: Plain[] = [];
    for (const _ of outcome.frames) frames.push(await nextFrame(connection));
    expect(frames).toEqual(outcome.frames);
    // It works in the other direction as well.
    await connection.send("still here");
    expect(await peer.nextFrame()).toMatchObject({ payload: Buffer.from("still here") });
    connection.destroy();
  } else {
    const { frames, error } = await readAll(connection);
    expect(frames).toEqual(outcome.frames);
    expect(error).toMatchObject(outcome.fault);
    expect(connection.end?.error).toBe(error);
    expect(await wsErrorOf(connection.send("late"))).toMatchObject({ code: "NOT_CONNECTED" });
    if (outcome.answer !== undefined) {
      const { opcode, payload } = await peer.nextFrame();
      expect([opcode, payload.readUInt16BE(0)]).toEqual([8, outcome.answer]);
      // We say no more. The server does not answer, so only the bound of the closing handshake is
      // left.
      if (!peer.socket.readableEnded) await once(peer.socket, "end");
      expect([...timer.scheduled].map(({ delayMs }) => delayMs)).toEqual([5000]);
      timer.fireAll();
    }
  }
  await connection.untilEnded();
  await vi.waitUntil(() => timer.scheduled.size === 0);
}

/** A socket that was destroyed answers data with RST; one that was merely ended would take it. */
async function untilRefused({ socket }: RawPeer): Promise<void> {
  const left = gone(socket);
  const push = (): void => {
    if (socket.destroyed) return;
    if (socket.writable) socket.write("x", () => setImmediate(push));
    else socket.destroy();
  };
  push();
  await left;
}

describe.each(LEAF_NAMES)("the %s leaf and a server with", (leaf) => {
  it.each([...HANDSHAKE_ROWS, ...FRAME_ROWS])("$name", (row) => attempt(row, leaf));
});
