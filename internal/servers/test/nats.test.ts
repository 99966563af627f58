import { open } from "oath-ws";
import type { Classify, ReconnectingConnection } from "oath-ws";
import { expect, it } from "vitest";
import { describeServer, LEAVES } from "./support/describe-server.js";
import { QUICK, receive, until } from "./support/feed.js";
import { freePort, Program } from "./support/program.js";

const NATS = { package: "nats-server", file: "/usr/sbin/nats-server" };

const KNOWN = 'CONNECT {"verbose":false,"user":"trader","pass":"secret"}\r\n';
const STRANGER = 'CONNECT {"verbose":false,"user":"stranger","pass":"?"}\r\n';

/**
 * `pingInterval`: how often it sends a PING of its own protocol; one that is not answered before
 * the next is the end.
 */
async function startNats({
  pingInterval = "1m",
} = {}): Promise<{ readonly url: string } & AsyncDisposable> {
  const port = await freePort();
  const websocket = await freePort();
  const config = `
    host: "127.0.0.1"
    port: ${port}
    ping_interval: "${pingInterval}"
    ping_max: 1
    max_payload: 1MB
    authorization { user: trader, password: secret }
    websocket { host: "127.0.0.1", port: ${websocket}, no_tls: true, compression: true }`;
  const program = await Program.start({
    command: NATS.file,
    args: (folder) => ["-c", `${folder}/nats.conf`],
    files: () => ({ "nats.conf": config }),
    listens: websocket,
  });
  return {
    url: `ws://127.0.0.1:${websocket}`,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** NATS is a stream of lines in binary messages; where a message ends says nothing. */
async function receiveUntil(feed: ReconnectingConnection, pattern: RegExp): Promise<string> {
  let text = "";
  while (!pattern.test(text)) {
    const frame = await receive(feed);
    expect(frame.kind).toBe("binary");
    text += frame.text();
  }
  return text;
}

describeServer("nats-server over WebSocket", [NATS], () => {
  it.each(LEAVES.flatMap((leaf) => [false, true].map((deflate) => ({ leaf, deflate }))))(
    "$leaf, deflate $deflate: what is published comes back in binary frames",
    async ({ leaf, deflate }) => {
      await using server = await startNats();
      await using feed = await open(server.url, {
        transport: leaf,
        config: QUICK,
        socket: { perMessageDeflate: deflate },
      });
      await receiveUntil(feed, /^INFO .*\r\n/);
      const payload = "quote ".repeat(50_000);
      await feed.sink.send(
        Buffer.from(
          `${KNOWN}SUB prices.* 1\r\nPUB prices.btc ${payload.length}\r\n${payload}\r\nPING\r\n`,
        ),
      );
      expect(await receiveUntil(feed, /PONG\r\n/)).toContain(
        `MSG prices.btc 1 ${payload.length}\r\n${payload}\r\n`,
      );
    },
  );

  // Its keepalive is lines in data frames. The stack is blind to them (ADR-0032): the adapter that
  // speaks the protocol answers.
  it.each(LEAVES)("%s: a client that answers its PING stays", async (leaf) => {
    await using server = await startNats({ pingInterval: "250ms" });
    await using feed = await open(server.url, { transport: leaf, config: QUICK });
    await feed.sink.send(Buffer.from(KNOWN));
    for (let i = 0; i < 4; i++) {
      await receiveUntil(feed, /PING\r\n$/);
      await feed.sink.send(Buffer.from("PONG\r\n"));
    }
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
  });

  // Pongs of RFC 6455 do not count. It says why in a data frame, which must come out before the
  // end; then it sends a close frame with 1006, which section 7.4.1 forbids on the wire. So the
  // cause is a violation and not a close code, and only the data frame tells the reason.
  it.each(LEAVES)(
    "%s: a client that does not answer is told so, and sees a forbidden close code",
    async (leaf) => {
      await using server = await startNats({ pingInterval: "250ms" });
      await using feed = await open(server.url, { transport: leaf, config: QUICK });
      await feed.sink.send(Buffer.from(KNOWN));
      expect(await receiveUntil(feed, /-ERR/)).toContain("-ERR 'Stale Connection'\r\n");
      await until(feed.lifecycle, ({ epoch }) => epoch === 2);
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "resumed",
        cause: { kind: "server", code: "PROTOCOL_ERROR", epoch: 1 },
      });
      // The new connection is a stranger again: what was sent to the old one is not sent again.
      expect(await receiveUntil(feed, /\r\n/)).toMatch(/^INFO .*"auth_required":true/);
    },
  );

  // Credentials are refused after the 101, so no status tells: to the transport it is a connection
  // that is closed soon, and it tries for ever at the pace of backoff and gate. That this is
  // permanent only the adapter can know, by `classify`; the close code is all it gets to see there.
  it.each(LEAVES)(
    "%s: refused credentials are a close code, which classify can make permanent",
    async (leaf) => {
      await using server = await startNats();
      const classify: Classify = {
        classify: ({ close }) => (close?.code === 1008 ? "permanent" : "transient"),
      };
      await using feed = await open(server.url, {
        transport: leaf,
        classify,
        config: { ...QUICK, attempts: { max: 1_000, permanentRetries: 0 } },
      });
      await feed.sink.send(Buffer.from(STRANGER));
      expect(await receiveUntil(feed, /-ERR/)).toContain("-ERR 'Authorization Violation'\r\n");
      await until(feed.lifecycle, ({ cause }) => cause !== undefined);
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "unrecoverable",
        cause: { code: "PEER_CLOSED", close: { code: 1008 } },
      });
    },
  );
});
