import { execFile, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Window } from "happy-dom";
import { generate, parser } from "mqtt-packet";
import { open } from "oath-ws";
import { createElement } from "react";
import type { ReactElement } from "react";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { WebSocket } from "ws";
import { NatsServer } from "../../internal/relay-chaos/src/nats-server.js";
import { describeServer } from "../../internal/servers/test/support/describe-server.js";
import { startServer } from "../../packages/node/test/stack/support.js";
import { FeedStatus } from "../react-hook.js";

const FOLDER = join(import.meta.dirname, "..");
const run = promisify(execFile);

/** What a program prints. Rejects when it fails, with what it wrote to both streams. */
async function printed(name: string, ...args: readonly string[]): Promise<readonly string[]> {
  const file = join(FOLDER, "dist", `${name}.js`);
  const { stdout } = await run(process.execPath, [file, ...args], { timeout: 60_000 });
  return stdout.trimEnd().split("\n");
}

/** The programs that bring their own venue, and each line that they print. */
const PROGRAMS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  recorder: [/^epoch 1: [1-9]\d* frames$/, /^epoch 2: [1-9]\d* frames$/, "unwritten: 0"],
  "risk-gate": [
    "before the first price: the last price is too old",
    "with prices: open",
    "on a mute feed: the last price is too old",
    "with prices again: open",
    "on a dead socket: the last price is too old",
    "after the end: closed (no error)",
  ],
  "order-gate": [
    "at the start: held: the account is subscribing",
    "with quotes and an account: answered",
    "on a mute feed: held: the quote is too old",
    "after a break: held: the account is recovering",
    "when the account was read again: answered",
  ],
  orders: [
    "a good order: placed",
    "an order without money: refused, VENUE_-2010",
    "the answer is lost: the fate was unknown, and then placed",
    "the request is lost: the fate was unknown, and then notPlaced",
    "the venue has 2 orders",
  ],
  "redundant-lines": [
    "breaks: 3, missing: 0, doubled: 0, gaps: 0",
    "This line brought events.",
    "This line brought events.",
  ],
  backfill: ["filled by REST: yes, holes: 0, gaps: 0", "position is the last trade: true"],
  rxjs: [
    "phase: connected",
    "phase: reconnecting",
    "phase: resumed",
    "prices of epoch 2: 5",
    "phase: closed",
  ],
  workers: [
    "BTCUSDT and ETHUSDT: 50 trades, 0 gaps",
    "BNBUSDT: 25 trades, 0 gaps",
    "connections: 2",
  ],
};

// Each program takes a second or two alone, and many run beside other tests.
describe("the example programs", { timeout: 60_000 }, () => {
  const sources = readdirSync(FOLDER).filter((file) => file.endsWith(".ts"));

  it.each(sources)("%s has at most 60 lines", (file) => {
    const lines = readFileSync(join(FOLDER, file), "utf8").trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(60);
  });

  it.concurrent.each(Object.entries(PROGRAMS))("%s.ts does what it says", async (name, lines) => {
    const output = await printed(name);
    expect(output).toHaveLength(lines.length);
    for (const [at, line] of lines.entries())
      expect(output[at]).toEqual(typeof line === "string" ? line : expect.stringMatching(line));
  });

  it.concurrent("strategy-test.ts passes under Node's runner", async () => {
    const file = join(FOLDER, "dist", "strategy-test.js");
    const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap", file]);
    expect(stdout).toMatch(/^# pass 1$/m);
    expect(stdout).toMatch(/^# fail 0$/m);
  });

  it.concurrent("alarm.ts tells of a mute feed and of a lost one, and when each is back", async () => {
    await using server = await startServer();
    let speaks = false;
    const speaking = setInterval(() => {
      if (speaks) for (const socket of server.sockets) socket.send("a price");
    }, 50);
    onTestFinished(() => clearInterval(speaking));
    const child = spawn(process.execPath, [join(FOLDER, "dist", "alarm.js"), server.url]);
    onTestFinished(() => void child.kill());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    /** Reads on to this line; on a busy machine there may be others before it. */
    const said = async (line: RegExp): Promise<void> => {
      for (;;) {
        const next = await lines.next();
        if (next.done === true) throw new Error(`the program ended before ${line.source}`);
        if (line.test(next.value)) return;
      }
    };

    await said(/^ALARM: no fresh data \(connected\)$/); // nothing has come yet
    speaks = true;
    await said(/^The feed is back \(connected\)\.$/);
    speaks = false;
    await said(/^ALARM: no fresh data \(connected\)$/);
    speaks = true;
    await said(/^The feed is back \(connected\)\.$/);
    server.sockets[0]?.terminate();
    await said(/^ALARM: no fresh data \(reconnecting, .+\)$/);
    await said(/^The feed is back \(resumed\)\.$/);
  });

  it.concurrent("mqtt.ts subscribes in every epoch of a broker that breaks", async () => {
    await using server = await startServer({
      handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
    });
    server.server.on("connection", (socket) => serveMqtt(socket, server.sockets.length === 1));
    expect(await printed("mqtt", server.url, "prices/#")).toEqual([
      "epoch 1: subscribed",
      "epoch 1: prices/BTC 100",
      "epoch 2: subscribed",
      "epoch 2: prices/BTC bye",
    ]);
  });
});

/** A broker that publishes one price to a subscriber, in two frames, and then breaks if told so. */
function serveMqtt(socket: WebSocket, breaks: boolean): void {
  const packets = parser().on("packet", (packet) => {
    if (packet.cmd === "connect") {
      socket.send(generate({ cmd: "connack", returnCode: 0, sessionPresent: false }));
    } else if (packet.cmd === "subscribe") {
      socket.send(generate({ cmd: "suback", messageId: packet.messageId ?? 0, granted: [0] }));
      const payload = breaks ? "100" : "bye";
      const price = generate({
        cmd: "publish",
        topic: "prices/BTC",
        payload,
        qos: 0,
        dup: false,
        retain: false,
      });
      socket.send(price.subarray(0, 5));
      socket.send(price.subarray(5), () => {
        if (breaks) socket.close(1001);
      });
    }
  });
  socket.on("message", (data: Buffer) => packets.parse(data));
}

describe("react-hook.ts", () => {
  it("renders again in an outage and after it", async () => {
    const window = new Window();
    // They stay: React works on after the test, and vitest.config.ts gives this file a process.
    vi.stubGlobal("window", window);
    vi.stubGlobal("document", window.document);
    vi.stubGlobal("navigator", window.navigator);
    const { createRoot } = await import("react-dom/client");
    await using server = await startServer();
    const backoff = { minMs: 200, maxMs: 200 };
    await using feed = await open(server.url, { config: { backoff } });
    const rendered: unknown[] = [];
    /** Renders what the example renders, and notes it. */
    function Noted(): ReactElement {
      const element = FeedStatus({ feed });
      rendered.push(element.props);
      return element;
    }
    const place = document.createElement("main");
    const root = createRoot(place);
    onTestFinished(() => root.unmount());
    root.render(createElement(Noted));
    await vi.waitFor(() => expect(place.innerHTML).toBe('<p class="up">connected, epoch 1</p>'));
    server.sockets[0]?.close(1001);
    await vi.waitFor(
      () => expect(place.innerHTML).toBe('<p class="up">resumed, epoch 2</p>'),
      5_000,
    );
    expect(rendered).toContainEqual({ className: "down", children: "reconnecting: PEER_CLOSED" });
  });
});

const NATS = { package: "nats-server", file: "/usr/sbin/nats-server" };

describeServer("shared-feed.ts over a real nats-server", [NATS], () => {
  it("gives one feed to two readers", async () => {
    await using server = await NatsServer.start();
    const output = await printed("shared-feed", server.url);
    expect([...output].sort()).toEqual([
      "connections that the venue saw: 1",
      "first reader: 50 trades and more, the last one fresh, and 0 holes",
      "second reader: 50 trades and more, the last one fresh, and 0 holes",
    ]);
  });
});
