import { WebSocketProvider } from "ethers";
import PartySocket from "partysocket/ws";
import * as peer from "reconnecting-websocket";
import { createPublicClient, webSocket } from "viem";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { WebSocket } from "ws";
import { startServer, tcpOf } from "../support/server.js";
import type { TestServer } from "../support/server.js";
import type { Platform } from "./platform.js";

/** Answers JSON-RPC as a node of Ethereum does, and anything else with itself. */
async function startNode(): Promise<TestServer> {
  const server = await startServer();
  const results: Readonly<Record<string, unknown>> = { eth_chainId: "0x1", eth_blockNumber: "0x7" };
  server.onConnection((socket) =>
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      if (!text.startsWith("{")) return socket.send(text);
      const { id, method } = JSON.parse(text) as { readonly id: number; readonly method: string };
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] ?? null }));
    }),
  );
  return server;
}

const isOpen = ({ readyState }: WebSocket): boolean => readyState === 1;

/** The server's sockets are gone, or all but the newest. */
async function expectOpen(server: TestServer, count: number): Promise<void> {
  await expect.poll(() => server.sockets.filter(isOpen).length).toBe(count);
}

/** Its types say that the class is the default of the default; Node finds it one level above. */
const PeerSocket = peer.default as unknown as typeof peer.default.default;

/** That libraries work with the classes of every platform. */
export function librariesSuite({ ReconnectingWebSocket, ResilientWebSocket }: Platform): void {
  describe("libraries that connect again by themselves, with ResilientWebSocket", () => {
    for (const [name, make] of [
      [
        "reconnecting-websocket",
        (url: string) =>
          new PeerSocket(url, [], { WebSocket: ResilientWebSocket, minReconnectionDelay: 1 }),
      ],
      [
        "partysocket",
        (url: string) =>
          new PartySocket(url, [], { WebSocket: ResilientWebSocket, minReconnectionDelay: 1 }),
      ],
    ] as const) {
      it(`${name} works on after each reset over one connection, and leaves none`, async () => {
        const server = await startNode();
        const socket = make(server.url);
        onTestFinished(() => socket.close());
        const heard: unknown[] = [];
        socket.onopen = () => void socket.send(`hello ${server.sockets.length}`);
        socket.onmessage = ({ data }: { readonly data: unknown }) => void heard.push(data);
        for (const round of [1, 2, 3]) {
          await expect.poll(() => heard.at(-1), { timeout: 8_000 }).toBe(`hello ${round}`);
          await expectOpen(server, 1);
          if (round < 3) tcpOf(await server.socket(round - 1)).resetAndDestroy();
        }
        socket.close();
        await expectOpen(server, 0);
        expect(server.requests).toHaveLength(3);
      });
    }

    it("viem works on after a reset over one connection, and leaves none", async () => {
      vi.stubGlobal("WebSocket", ResilientWebSocket);
      onTestFinished(() => void vi.unstubAllGlobals());
      const server = await startNode();
      const transport = webSocket(server.url, { reconnect: { delay: 10 }, keepAlive: false });
      const client = createPublicClient({ transport, cacheTime: 0 });
      expect(await client.getBlockNumber()).toBe(7n);
      const rpc = await client.transport.getRpcClient();
      expect(rpc.socket).toBeInstanceOf(ResilientWebSocket);
      tcpOf(await server.socket(0)).resetAndDestroy();
      await server.socket(1);
      expect(await client.getBlockNumber()).toBe(7n);
      await expectOpen(server, 1);
      (await client.transport.getRpcClient()).close();
      await expectOpen(server, 0);
      expect(server.requests).toHaveLength(2);
    });
  });

  describe("libraries that never connect again, with ReconnectingWebSocket", () => {
    it("ethers asks on after a reset over one connection, and leaves none", async () => {
      const server = await startNode();
      const socket = new ReconnectingWebSocket(server.url, [], {
        config: { backoff: { minMs: 1, maxMs: 5 } },
      });
      onTestFinished(() => socket[Symbol.asyncDispose]());
      const provider = new WebSocketProvider(socket, undefined, { cacheTimeout: -1 });
      expect(await provider.getBlockNumber()).toBe(7);
      tcpOf(await server.socket(0)).resetAndDestroy();
      await server.socket(1);
      await expect.poll(() => socket.readyState).toBe(1);
      expect(await provider.getBlockNumber()).toBe(7);
      await expectOpen(server, 1);
      await provider.destroy();
      await expectOpen(server, 0);
      expect(server.requests).toHaveLength(2);
    });
  });
}
