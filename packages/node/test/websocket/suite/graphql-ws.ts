import { createClient } from "graphql-ws";
import { expect, it, onTestFinished } from "vitest";
import type { ResilientWebSocket as Socket } from "../../../src/websocket/index.js";
import { startGraphqlServer } from "../support/graphql-server.js";
import { tcpOf } from "../support/server.js";
import type { Platform } from "./platform.js";

const RESETS = 6;

/** That graphql-ws works with the `ResilientWebSocket` of every platform. */
export function graphqlSuite({ ResilientWebSocket }: Platform): void {
  it("graphql-ws has one connection after each of six resets, and none after dispose()", async () => {
    const server = await startGraphqlServer();
    const sockets: Socket[] = [];
    class WatchedSocket extends ResilientWebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const client = createClient({
      url: server.url,
      webSocketImpl: WatchedSocket,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => Promise.resolve(),
    });
    onTestFinished(() => client.dispose());
    const ticks: unknown[] = [];
    let tell = (): void => undefined;
    client.subscribe<{ tick: number }>(
      { query: "subscription { tick }" },
      {
        next: ({ data }) => {
          ticks.push(data?.tick);
          tell();
        },
        error: (error) => ticks.push(error),
        complete: () => undefined,
      },
    );
    for (let index = 0; index <= RESETS; index++) {
      const peer = await server.subscribed(index);
      const told = new Promise<void>((resolve) => {
        tell = resolve;
      });
      server.next(peer, index);
      await told;
      expect(server.openCount).toBe(1);
      expect(sockets.filter(({ readyState }) => readyState !== 3)).toHaveLength(1);
      if (index < RESETS) tcpOf(peer).resetAndDestroy();
    }
    expect(ticks).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const last = await server.socket(RESETS);
    const gone = new Promise((resolve) => {
      last.once("close", resolve);
    });
    await client.dispose();
    await gone;
    expect(server.openCount).toBe(0);
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
    expect(sockets.map(({ readyState }) => readyState)).toEqual(Array(RESETS + 1).fill(3));
    // No socket dialled twice, not even while others did.
    expect(server.requests).toHaveLength(RESETS + 1);
    expect(sockets.map(({ lifecycle }) => lifecycle.snapshot.attempts)).toEqual(
      Array(RESETS + 1).fill(1),
    );
  });
}
