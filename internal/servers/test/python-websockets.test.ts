import { fileURLToPath } from "node:url";
import { startFaultProxy } from "@oath-ws/sim";
import { open } from "oath-ws";
import { expect, it } from "vitest";
import { describeServer, LEAVES } from "./support/describe-server.js";
import { QUICK, receive, until } from "./support/feed.js";
import { freePort, Program } from "./support/program.js";

const WEBSOCKETS = {
  package: "python3-websockets",
  file: "/usr/lib/python3/dist-packages/websockets/__init__.py",
};
const SCRIPT = fileURLToPath(new URL("support/websockets-server.py", import.meta.url));

interface Settings {
  /** Seconds between two pings of the server, and how long it waits for the pong. */
  readonly keepalive?: number;
  /** The windows that its permessage-deflate insists on. */
  readonly windowBits?: number;
}

async function startWebsockets(
  settings: Settings = {},
): Promise<{ readonly port: number; readonly url: string } & AsyncDisposable> {
  const { keepalive = 20, windowBits = 12 } = settings;
  const port = await freePort();
  const program = await Program.start({
    command: "/usr/bin/python3",
    args: () => [SCRIPT, String(port), String(keepalive), String(windowBits)],
    files: () => ({}),
    listens: port,
  });
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Compresses well, and far back: what is repeated lies beyond the smallest windows. */
const TEXT = Array.from(
  { length: 20_000 },
  (_, i) => `{"price":${i % 97},"quantity":${i * 7}}`,
).join("\n");

describeServer("websockets for Python", [WEBSOCKETS], () => {
  it.each(LEAVES)("%s: its pings are answered although the reader is stuck", async (leaf) => {
    await using server = await startWebsockets();
    await using feed = await open(server.url, { transport: leaf, config: QUICK });
    // It sends them one after the other, each when the one before was answered.
    await feed.sink.send("ping me 50 times");
    expect((await receive(feed)).text()).toBe("50 pongs");
  });

  // Only the way up is cut: frames still arrive, so the client has no reason to think that anything
  // is wrong. The server has, and says so with 1011, "unexpected error", which for most clients is
  // a failure of the server and not of the network.
  it.each(LEAVES)("%s: 1011 after a missed pong is a break like any other", async (leaf) => {
    await using server = await startWebsockets({ keepalive: 0.3 });
    await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: server.port } });
    await using feed = await open(proxy.url, { transport: leaf, config: QUICK });
    proxy.set({ blackHole: true }, { direction: "up" });
    await until(feed.lifecycle, ({ cause }) => cause !== undefined);
    expect(feed.lifecycle.snapshot.cause).toMatchObject({
      kind: "connection",
      code: "PEER_CLOSED",
      close: { code: 1011, reason: "keepalive ping timeout" },
      epoch: 1,
    });
    proxy.set({});
    await until(feed.lifecycle, ({ phase }) => phase === "resumed");
  });

  // It answers an offer without windows by windows of its own for both sides (RFC 7692 section
  // 7.1.2 allows it), 12 bits unless told otherwise. A client that goes on compressing with 15 is
  // not understood; one that inflates with less than the server used fails on far repetitions.
  it.each(LEAVES.flatMap((leaf) => [9, 12, 15].map((windowBits) => ({ leaf, windowBits }))))(
    "$leaf: windows of $windowBits bits, chosen by the server, are kept in both directions",
    async ({ leaf, windowBits }) => {
      await using server = await startWebsockets({ windowBits });
      await using feed = await open(server.url, {
        transport: leaf,
        config: QUICK,
        socket: { perMessageDeflate: true },
      });
      await feed.sink.send("extensions");
      const extensions = (await receive(feed)).text();
      expect(extensions).toContain(`local_max_window_bits=${windowBits}`);
      expect(extensions).toContain(`remote_max_window_bits=${windowBits}`);
      // The direct leaf offers, and gets, messages that stand alone.
      expect(extensions.includes("local_no_context_takeover=True")).toBe(leaf === "direct");
      for (let i = 0; i < 3; i++) {
        await feed.sink.send(TEXT);
        const frame = await receive(feed);
        expect(frame.text() === TEXT).toBe(true);
      }
      expect(feed.lifecycle.snapshot.epoch).toBe(1);
    },
  );

  // Its limit is 1 MiB. The send had resolved, for it says that the frame has left, not that
  // anybody wanted it.
  it.each(LEAVES)("%s: a message above its limit is sent, and answered by 1009", async (leaf) => {
    await using server = await startWebsockets();
    await using feed = await open(server.url, { transport: leaf, config: QUICK });
    const big = feed.sink.send("x".repeat(1024 * 1024 + 1)).then(
      () => "resolved",
      (error: { code: string }) => error.code,
    );
    await until(feed.lifecycle, ({ phase }) => phase === "resumed");
    expect(feed.lifecycle.snapshot.cause).toMatchObject({
      code: "PEER_CLOSED",
      close: { code: 1009 },
      epoch: 1,
    });
    // The close frame may come while the last bytes still wait for the kernel: then it is not
    // known.
    expect(["resolved", "SEND_FATE_UNKNOWN"]).toContain(await big);
  });

  it.each(LEAVES)(
    "%s: shutdown is a closing handshake, and the server's view of it is 1000",
    async (leaf) => {
      await using server = await startWebsockets();
      await using feed = await open(server.url, { transport: leaf, config: QUICK });
      await using witness = await open(server.url, { transport: leaf, config: QUICK });
      await feed.sink.send("watch me leave");
      expect((await receive(feed)).text()).toBe("watching");
      await witness.sink.send("tell how they left");
      await feed.control.shutdown();
      expect((await receive(witness)).text()).toBe("1000");
    },
  );
});
