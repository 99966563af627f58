import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { startServer, tcpOf, thrownBy } from "../support/server.js";
import type { Platform } from "./platform.js";

/** What both classes promise of frames on every platform. */
export function sendingSuite(platform: Platform): void {
  const { connect, refused } = platform;

  describe("send() throws", () => {
    it("while connecting, and leaves nothing behind", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      expect(thrownBy(() => socket.send("early"))).toMatchObject({
        name: "InvalidStateError",
        cause: { code: "NOT_CONNECTED" },
      });
      await story.nth("open");
      const message = once(await server.socket(0), "message") as Promise<[Buffer]>;
      socket.send("in time");
      expect(String((await message)[0])).toBe("in time");
      expect(story.of("error")).toEqual([]);
    });

    it("from the close event on, until the next open", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      const thrown: unknown[] = [];
      socket.addEventListener("close", () => thrown.push(thrownBy(() => socket.send("between"))));
      await story.nth("open");
      (await server.socket(0)).terminate();
      await story.nth("open", 2);
      expect(thrown).toMatchObject([
        { name: "InvalidStateError", cause: { code: "NOT_CONNECTED" } },
      ]);
      socket.send("again");
    });

    it("once it was closed, where the standard says nothing", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      socket.close();
      expect(thrownBy(() => socket.send("late"))).toMatchObject({
        name: "InvalidStateError",
        cause: { code: "SHUT_DOWN" },
      });
      await story.nth("close");
      expect(thrownBy(() => socket.send("late"))).toMatchObject({
        name: "InvalidStateError",
        cause: { code: "SHUT_DOWN" },
      });
    });

    it("for a Blob, whose bytes come only later", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      const error = thrownBy(() => socket.send(new Blob(["x"]) as never));
      expect(error).toMatchObject({ code: "FRAME_INVALID" });
      expect((error as Error).message).toContain("blob.arrayBuffer()");
      expect(thrownBy(() => socket.send(Symbol("x") as never))).toBeInstanceOf(TypeError);
      expect(socket.bufferedAmount).toBe(0);
    });
  });

  describe("a frame that send() took", () => {
    it("that did not leave with its connection is an unsent event, never sent on the next", async () => {
      const server = await startServer();
      // The second frame has to wait for the limit, which outlasts the connection.
      const { socket, story } = connect(server.url, {
        config: { send: { rateLimit: { max: 1, windowMs: 60_000 } } },
      });
      await story.nth("open");
      const first = once(await server.socket(0), "message");
      const buffered: number[] = [];
      socket.addEventListener("unsent", () => buffered.push(socket.bufferedAmount));
      socket.send("leaves");
      socket.send("waits");
      socket.send("too");
      expect(socket.bufferedAmount).toBe(14);
      await first;
      tcpOf(await server.socket(0)).resetAndDestroy();
      await story.nth("unsent", 2);
      expect(story.of("unsent")).toMatchObject([
        { data: "waits", error: { code: "EPOCH_ENDED" } },
        { data: "too", error: { code: "EPOCH_ENDED" } },
      ]);
      // A frame does not count any more when the event about it is told.
      expect(buffered).toEqual([3, 0]);
      await story.nth("open", 2);
      expect(story.of("error")).toMatchObject([{ error: { epoch: 1 } }]);
      expect(story.of("error").map(({ error }) => error.code)).not.toContain("EPOCH_ENDED");
    });

    it("belongs to the connection that was last told open, though that may be gone", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      tcpOf(await server.socket(0)).resetAndDestroy();
      // The stack knows; the events follow in turns of their own.
      while (socket.lifecycle.snapshot.phase === "connected") await socket.lifecycle.changed();
      const isTold = socket.readyState !== socket.OPEN;
      if (!isTold) socket.send("into the gap");
      await story.nth("open", 2);
      await story.until(() => isTold || story.of("unsent").length > 0);
    });

    it("may be changed at once, though it waits", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url, { whileDown: "wait" });
      const bytes = Buffer.from("before");
      socket.send(bytes);
      bytes.write("after!");
      const [data] = (await once(await server.socket(0), "message")) as [Buffer];
      expect(data.toString()).toBe("before");
      await story.nth("open");
    });
  });

  describe('with whileDown: "wait"', () => {
    it("frames go out on the next connection, after what the open listeners send", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url, { whileDown: "wait" });
      socket.addEventListener("open", ({ epoch }) => socket.send(`login ${epoch}`));
      socket.send("order 1");
      const got: string[] = [];
      const collect = async (index: number): Promise<void> => {
        const peer = await server.socket(index);
        peer.on("message", (data: Buffer) => got.push(data.toString()));
        while (got.length < 2 * (index + 1)) await once(peer, "message");
      };
      await collect(0);
      expect(got).toEqual(["login 1", "order 1"]);
      socket.addEventListener("close", () => socket.send("order 2"), { once: true });
      (await server.socket(0)).terminate();
      await story.nth("close");
      await collect(1);
      expect(got).toEqual(["login 1", "order 1", "login 2", "order 2"]);
      expect(socket.bufferedAmount).toBe(0);
    });

    it("frames that wait too long, or are too many, are unsent events", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url.replace(/:\d+/, ":1"), {
        whileDown: "wait",
        whileDownDeadlineMs: 10,
        config: { send: { maxPending: 1 } },
      });
      socket.send("waits in vain");
      socket.send("has no place");
      const codes = (): string[] => story.of("unsent").map(({ error }) => error.code);
      await story.until(
        () => codes().includes("SEND_QUEUE_FULL") && codes().includes("SEND_DEADLINE"),
      );
      expect(socket.bufferedAmount).toBe(0);
    });

    it("frames that still wait when it is closed are unsent events", async () => {
      const server = await startServer();
      server.refuse(500, 500, 500, 500);
      const { socket, story } = connect(server.url, {
        whileDown: "wait",
        config: { backoff: { minMs: 60_000, maxMs: 60_000 } },
      });
      socket.send("waits");
      await story.nth("error");
      socket.close();
      await story.nth("close");
      expect(story.words).toEqual([
        `error ${refused}`,
        "unsent SHUT_DOWN",
        "error SHUT_DOWN",
        "close 1006",
      ]);
    });
  });
}
