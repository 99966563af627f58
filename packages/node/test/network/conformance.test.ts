import type { Socket } from "node:net";
import { connectorConformance, createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { ConformanceHarness, ConformanceServer, PeerBehaviour } from "@oath-ws/testing";
import { networkDial, networkListen } from "oath-ws/leaf";
import { beforeAll, describe, it, vi } from "vitest";
import { directConnector } from "../../src/direct/direct-connector.js";
import { networkStream } from "../../src/network/network-dial.js";
import type { RawServer } from "../support/raw-server.js";
import { LoopbackServer, wsHarness } from "../support/ws-harness.js";

/** Longer than anything that a case waits for, in virtual milliseconds. */
const PATIENCE_MS = 30_000;

/** The suite's servers on virtual sockets, in virtual time. */
function virtualHarness(): ConformanceHarness {
  const world = createWorld({ seed: 3 });
  const network = new VirtualNetwork(world, { jitterMs: 2, segmentBytes: 1_000 });
  const client = network.host("client");
  const venue = network.host("venue.test");
  return {
    ...wsHarness(),
    createConnector: () =>
      directConnector({ timer: client.timer, socket: networkDial(client, world.random) }),
    startPeer: (behaviour: PeerBehaviour): Promise<ConformanceServer> => {
      if (behaviour.kind === "absent") return Promise.resolve(absent());
      const server = rawServer();
      return Promise.resolve(
        new LoopbackServer(server, behaviour, (port) => {
          const stream = networkStream(network.host("knocker"), { host: "venue.test", port });
          return stream as unknown as Socket;
        }),
      );
    },
    now: () => client.timer.now(),
    within: (promise, what) =>
      world.complete(promise, PATIENCE_MS).catch((error: unknown) => {
        // What the world itself says has no name of what was waited for.
        if (error instanceof Error && error.message.includes("(seed "))
          throw new Error(`waiting for ${what}: ${error.message}`, { cause: error });
        throw error;
      }),
  };

  function rawServer(): RawServer {
    const accepted: Socket[] = [];
    const waiting: ((socket: Socket) => void)[] = [];
    let handed = 0;
    const { port } = networkListen(venue, 0, (stream) => {
      const socket = stream as Socket;
      // As a `net.Server` without `allowHalfOpen`.
      socket.on("error", () => undefined).on("end", () => socket.end());
      accepted.push(socket);
      const waiter = waiting.shift();
      if (waiter === undefined) return;
      handed++;
      waiter(socket);
    });
    return {
      port,
      url: `ws://venue.test:${port}/`,
      accepted,
      next: () => {
        const socket = accepted[handed];
        if (socket === undefined) return new Promise((resolve) => waiting.push(resolve));
        handed++;
        return Promise.resolve(socket);
      },
    };
  }

  function absent(): ConformanceServer {
    const nothing = (): Promise<void> => Promise.resolve();
    const never = (): Promise<never> => Promise.reject(new Error("nothing listens here"));
    return {
      url: "ws://venue.test:9/",
      dialCount: 0,
      accepted: never,
      dialled: never,
      idle: nothing,
      stop: nothing,
    };
  }
}

describe("the direct leaf conforms over virtual sockets:", () => {
  beforeAll(() => {
    // One case has a listener that throws, which the leaf warns of.
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    return () => warn.mockRestore();
  });

  for (const { name, run } of connectorConformance(virtualHarness)) {
    it(name, async (context) => {
      const outcome = await run();
      if (outcome !== "passed") context.skip(outcome);
    });
  }
});
