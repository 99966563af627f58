import { stack } from "@oath-ws/resilience";
import { nodeNewId, nodeRandom, nodeSpawn } from "oath-ws/leaf";
import type { CancelSignal } from "oath-ws";
import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { handshake, wsErrorOf } from "../support/connections.js";
import { switchingProtocols } from "../support/frames.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { clientSockets } from "./support/client-sockets.js";
import { LEAF_NAMES, LEAVES, turn } from "./support/hostile-row.js";
import type { LeafName } from "./support/hostile-row.js";

const TIMEOUT_MS = 10_000;
const STEPS = 20;

/**
 * A server that keeps the client busy, or waiting: what it sends at each step of the time that an
 * attempt may take.
 */
interface SlowServer {
  readonly name: string;
  /** Whether it takes the request at all. */
  readonly reads: boolean;
  readonly step: (request: string, index: number) => string;
}

const SERVERS: readonly SlowServer[] = [
  { name: "accepts TCP and does not even read", reads: false, step: () => "" },
  { name: "takes the request and says nothing", reads: true, step: () => "" },
  {
    name: "sends the right head one byte at a time",
    reads: true,
    step: (request, i) => switchingProtocols(request)[i] ?? "",
  },
  {
    name: "sends a header line at a time",
    reads: true,
    step: (_, i) => (i === 0 ? "HTTP/1.1 101 S\r\n" : `X-${i}: 1\r\n`),
  },
  {
    name: "sends one interim response after the other",
    reads: true,
    step: () => "HTTP/1.1 103 Early Hints\r\n\r\n",
  },
];

/** An attempt over real sockets, whose time is the test's. */
async function dial(
  leaf: LeafName,
  { reads }: SlowServer,
): Promise<{
  readonly timer: VirtualTimer;
  readonly peer: RawPeer;
  readonly request: string;
  readonly opening: Promise<unknown>;
  readonly received: () => number;
}> {
  const timer = new VirtualTimer();
  const { sockets, createConnection } = clientSockets();
  const server = await rawServer();
  const connector = stack({
    leaf: LEAVES[leaf]({ timer, socket: { createConnection } }),
    timer,
    spawn: nodeSpawn,
    random: nodeRandom,
    newId: nodeNewId,
    config: { connect: { timeoutMs: TIMEOUT_MS }, attempts: { maxAttempts: 1 } },
  });
  const opening = connector.connect(handshake(server.url), {
    signal: undefined as CancelSignal | undefined,
  });
  opening.catch(() => undefined);
  while (server.accepted.length === 0) {
    timer.advance(0);
    await turn();
  }
  const socket = await server.next();
  if (!reads) socket.pause();
  const peer = new RawPeer(socket);
  if (!reads) socket.pause();
  const request = reads ? await peer.request() : "";
  return { timer, peer, request, opening, received: () => sockets[0]?.bytesRead ?? 0 };
}

describe.each(LEAF_NAMES)(
  "an attempt by the %s leaf ends at its deadline, given a server that",
  (leaf) => {
    it.each(SERVERS)("$name", async (slow) => {
      const { timer, peer, request, opening, received } = await dial(leaf, slow);
      const left = gone(peer.socket);
      let sent = 0;
      let settled = false;
      opening.catch(() => {
        settled = true;
      });
      for (let i = 0; i < STEPS; i++) {
        const bytes = slow.step(request, i);
        peer.socket.write(bytes);
        sent += bytes.length;
        // It has come, and makes no difference.
        while (received() < sent) await turn();
        expect(settled).toBe(false);
        timer.advance(TIMEOUT_MS / STEPS);
        await turn();
      }
      const error = await wsErrorOf(opening);
      expect(error).toMatchObject({
        kind: "timeout",
        code: "ATTEMPTS_EXHAUSTED",
        cause: { code: "CONNECT_TIMEOUT" },
      });
      // A paused socket would not notice.
      peer.socket.resume();
      await left;
      expect(timer.pendingCount).toBe(0);
    });
  },
);
