import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { endAfter, records, run, start } from "./support/run-cli.js";

async function peerServer() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    server,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

describe("tail of a URL", () => {
  it("sends --send in every epoch, sets headers, prints frames, and sums up on SIGINT", async () => {
    using peer = await peerServer();
    const { interrupt, ended } = start(
      "tail",
      peer.url,
      "--send",
      "subscribe",
      "--header",
      "x-key: abc",
      "--json",
    );
    for (const epoch of [1, 2]) {
      const [socket, request] = (await once(peer.server, "connection")) as [
        WebSocket,
        { headers: object },
      ];
      expect(request.headers).toMatchObject({ "x-key": "abc" });
      expect(String((await once(socket, "message"))[0])).toBe("subscribe");
      socket.send(`data ${epoch}`);
      // The answer to a ping that follows the data: the client has it.
      socket.ping();
      await once(socket, "pong");
      if (epoch === 1) socket.terminate();
      else interrupt();
    }
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    expect(
      lines.filter(({ type }) => type === "frame").map(({ epoch, seq }) => [epoch, seq]),
    ).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(lines.find(({ type }) => type === "frame")).toMatchObject({ text: "data 1", bytes: 6 });
    expect(lines.at(-1)).toEqual({
      type: "summary",
      frames: 2,
      epochs: 2,
      totalLagged: 0,
      unaccounted: 0,
    });
  });

  it("prints text for people, and data for programs", async () => {
    using peer = await peerServer();
    peer.server.on("connection", (socket) => {
      socket.send("hello");
      socket.send(Buffer.from([1, 2, 3]));
    });
    const { code, out } = await endAfter(
      start("tail", peer.url),
      /connected: epoch 1/,
      /^hello$/m,
      /\(3 bytes of binary\)/,
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} -- connected/m);
    expect(out).not.toContain("\u001b");
    const json = await endAfter(start("tail", peer.url, "--json"), /"kind":"binary"/);
    expect(records(json.out)).toContainEqual(
      expect.objectContaining({ type: "frame", kind: "binary", base64: "AQID" }),
    );
    expect(out).toMatch(
      /summary: 2 frames delivered in 1 epochs, 0 dropped and counted, 0 unaccounted/,
    );
  });

  it("ends by itself with --for", async () => {
    using peer = await peerServer();
    const { code, out } = await run("tail", peer.url, "--for", "3s");
    expect(code).toBe(0);
    expect(out).toMatch(/^summary: 0 frames delivered/m);
  });

  it("escapes what a peer could do to the terminal, in frames and in close reasons", async () => {
    using peer = await peerServer();
    peer.server.once("connection", (socket) => {
      socket.send("\u001b]0;owned\u0007\nsummary: forged");
      socket.close(4001, "\u001b[2Jgone");
    });
    const { seen, interrupt, ended } = start("tail", peer.url);
    await seen(/resumed/);
    interrupt();
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(out).toContain(String.raw`\x1b]0;owned\x07\nsummary: forged`);
    expect(out).toContain(String.raw`\x1b[2Jgone`);
    expect(out).not.toMatch(/^summary: forged/m);
    expect(out).not.toContain("\u001b");
  });

  it.each([[], ["--json"]])(
    "prints no secret of its command line, whatever the server does with it %j",
    async (...flags) => {
      using peer = await peerServer();
      const url = new URL(peer.url);
      url.username = "canary-user";
      url.password = "canary-password";
      url.search = "?token=canary-query";
      const header = [
        "--header",
        "authorization: Bearer canary-header",
        "--header",
        "cookie: sid=canary-cookie",
      ];
      peer.server.once("connection", (socket) => socket.terminate());
      const { seen, interrupt, ended } = start(
        "tail",
        url.href,
        ...header,
        "--send",
        "canary-text",
        ...flags,
      );
      await seen(/resumed/);
      interrupt();
      const up = await ended;
      await new Promise((resolve) => peer.server.close(resolve));
      const refused = await run("tail", url.href, ...header, ...flags);
      expect([up.code, refused.code]).toEqual([0, 1]);
      expect(up.out + up.err + refused.out + refused.err).not.toContain("canary");
    },
  );
});
