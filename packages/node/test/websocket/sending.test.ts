import type { PartialConfig } from "@oath-ws/resilience";
import { describe, expect, it, onTestFinished } from "vitest";
import { sendingSuite } from "./suite/sending.js";
import { connect, nodePlatform } from "./support/node-platform.js";
import { startServer, tcpOf } from "./support/server.js";

sendingSuite(nodePlatform);

it("a frame that a peer never reads is told of before the final close", async () => {
  const server = await startServer();
  const { socket, story } = connect(server.url, {
    config: { shutdown: { timeoutMs: 20 }, send: { maxPendingBytes: 2 ** 26 } },
  });
  await story.nth("open");
  tcpOf(await server.socket(0)).pause();
  // More than the kernels take between them.
  for (let index = 0; index < 32; index++) socket.send(new Uint8Array(1024 * 1024));
  socket.close();
  await story.nth("close");
  expect(story.of("unsent").length).toBeGreaterThan(0);
  expect(new Set(story.words)).toEqual(
    new Set(["open 1", "unsent SEND_FATE_UNKNOWN", "close 1006"]),
  );
  expect(story.words.at(-1)).toBe("close 1006");
  expect(socket.bufferedAmount).toBe(0);
});

describe("a peer that goes on sending and does not read", () => {
  const HOUR = 3_600_000;
  const QUIET = { probeAfterMs: 20, staleAfterMs: HOUR, deadAfterMs: 2 * HOUR } as const;

  /** Its socket holds more than the kernels take between them. */
  async function stalled(config: PartialConfig): Promise<ReturnType<typeof connect>> {
    const server = await startServer();
    const sending = { maxPendingBytes: 2 ** 26, ...config.send };
    const client = connect(server.url, { config: { ...config, send: sending } });
    await client.story.nth("open");
    const peer = await server.socket(0);
    tcpOf(peer).pause();
    const ticking = setInterval(() => peer.send("tick"), 5);
    onTestFinished(() => clearInterval(ticking));
    for (let index = 0; index < 32; index++) client.socket.send(new Uint8Array(1024 * 1024));
    return client;
  }

  it("is left, with an error for the stall and word of every frame it held", async () => {
    const { socket, story } = await stalled({ liveness: { ...QUIET, writeStallMs: 100 } });
    const { cause, willReconnect } = await story.nth("close");
    expect({ cause, willReconnect }).toMatchObject({
      cause: { kind: "timeout", code: "WRITE_STALLED", epoch: 1 },
      willReconnect: true,
    });
    await story.nth("open", 2);
    await story.until(() => socket.bufferedAmount === 0);
    expect(new Set(story.words.filter((word) => /^(error|unsent)/.test(word)))).toEqual(
      new Set(["unsent SEND_FATE_UNKNOWN", "error WRITE_STALLED"]),
    );
    socket.close(1000);
    expect(await story.nth("close", 2)).toMatchObject({ code: 1000, wasClean: true });
  });

  it("does not hold up close(), whose time is the shutdown's and not the stall's", async () => {
    const { socket, story } = await stalled({
      liveness: { ...QUIET, writeStallMs: HOUR },
      shutdown: { timeoutMs: 20 },
    });
    await story.nth("message");
    socket.close();
    expect(await story.nth("close")).toMatchObject({ willReconnect: false, wasClean: false });
    expect(new Set(story.of("unsent").map(({ error }) => error.code))).toEqual(
      new Set(["SEND_FATE_UNKNOWN"]),
    );
    expect(story.of("error")).toEqual([]);
    expect(socket.bufferedAmount).toBe(0);
  });

  it("does not hold up a close() that is called when the stall is told", async () => {
    const { socket, story } = await stalled({ liveness: { ...QUIET, writeStallMs: 100 } });
    socket.addEventListener("close", () => socket.close(), { once: true });
    await story.until(() => story.of("close").some(({ willReconnect }) => !willReconnect));
    expect(socket.readyState).toBe(socket.CLOSED);
    expect(socket.bufferedAmount).toBe(0);
  });
});
