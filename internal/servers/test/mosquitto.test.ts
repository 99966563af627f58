import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { open } from "oath-ws";
import type { OpenOptions } from "oath-ws";
import { expect, it } from "vitest";
import { describeServer, LEAVES } from "./support/describe-server.js";
import { QUICK, receive, Trail, until, WATCHFUL } from "./support/feed.js";
import { Program } from "./support/program.js";

const MOSQUITTO = [
  { package: "mosquitto", file: "/usr/sbin/mosquitto" },
  { package: "iproute2", file: "/sbin/ip" },
];
const INSIDE = fileURLToPath(new URL("support/mosquitto-in-namespace.js", import.meta.url));
const PORT = 9001;

/**
 * Its WebSocket listener takes no address and binds them all, and without a plain listener beside
 * it the broker ends at once.
 */
const CONFIG = `
listener 1883 127.0.0.1
listener ${PORT}
protocol websockets
allow_anonymous true
persistence false
user root
`;

/** It is reached by a socket in the file system, for its network is its own. */
async function startMosquitto(): Promise<
  { readonly socket: OpenOptions["socket"] } & AsyncDisposable
> {
  const program = await Program.start({
    command: "unshare",
    args: (folder) => [
      "--net",
      process.execPath,
      INSIDE,
      `${folder}/mosquitto.conf`,
      String(PORT),
      `${folder}/socket`,
    ],
    files: () => ({ "mosquitto.conf": CONFIG }),
    listens: "socket",
  });
  return {
    socket: { createConnection: () => connect(`${program.folder}/socket`) },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

const URL_OF_BROKER = "ws://mosquitto.invalid/mqtt";

/** MQTT 3.1.1, as much of it as is needed. */
const field = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
const packet = (type: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type, body.length]), body]);
};
const connectPacket = (keepaliveSeconds: number): Buffer =>
  packet(0x10, field("MQTT"), Buffer.from([4, 2, 0, keepaliveSeconds]), field("oath"));
const subscribePacket = (topic: string): Buffer =>
  packet(0x82, Buffer.from([0, 1]), field(topic), Buffer.from([0]));
const publishPacket = (topic: string, payload: string): Buffer =>
  packet(0x30, field(topic), Buffer.from(payload));
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const SUBACK = Buffer.from([0x90, 3, 0, 1, 0]);
const PINGREQ = Buffer.from([0xc0, 0]);
const PINGRESP = Buffer.from([0xd0, 0]);

const allowed = spawnSync("unshare", ["--net", "true"]).status === 0;
const OBSTACLE = allowed
  ? undefined
  : "a network namespace of its own is not allowed here (it takes root)";

describeServer("mosquitto", MOSQUITTO, tests, OBSTACLE);

function tests(): void {
  it.each(LEAVES)("%s: MQTT with the subprotocol that it wants", async (leaf) => {
    await using broker = await startMosquitto();
    await using feed = await open(URL_OF_BROKER, {
      transport: leaf,
      socket: broker.socket,
      protocols: ["mqtt"],
      config: QUICK,
    });
    await feed.sink.send(connectPacket(60));
    expect(await receive(feed)).toMatchObject({ kind: "binary", data: CONNACK });
    await feed.sink.send(subscribePacket("prices"));
    expect((await receive(feed)).data).toEqual(SUBACK);
    await feed.sink.send(publishPacket("prices", "42"));
    expect((await receive(feed)).data).toEqual(publishPacket("prices", "42"));
  });

  // The trap: without a subprotocol it upgrades, answers every ping, and ignores every packet. The
  // transport is up and alive, and no data will ever come. Only `lastDataAt` shows it, which is why
  // adapters watch that.
  it.each(LEAVES)("%s: without the subprotocol it is connected but mute", async (leaf) => {
    await using broker = await startMosquitto();
    const tracer = new Trail();
    await using feed = await open(URL_OF_BROKER, {
      transport: leaf,
      tracer,
      socket: broker.socket,
      config: { ...QUICK, liveness: WATCHFUL },
    });
    await feed.sink.send(connectPacket(60));
    const { lifecycle } = feed;
    await probes(tracer, 8);
    expect(lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1, staleCount: 0 });
    expect(lifecycle.lastDataAt).toBeUndefined();
    expect(lifecycle.isFresh(Number.MAX_VALUE)).toBe(false);
  });

  // It hangs up on a subprotocol that it does not know, where RFC 6455 lets a server leave out the
  // header: a mistake that looks like a bad network.
  it.each(LEAVES)(
    "%s: a subprotocol that it does not know is a connection that is hung up",
    async (leaf) => {
      await using broker = await startMosquitto();
      const tracer = new Trail();
      await using feed = await open(URL_OF_BROKER, {
        transport: leaf,
        tracer,
        socket: broker.socket,
        protocols: ["soap"],
        config: QUICK,
        awaitFirst: false,
      });
      await until(feed.lifecycle, ({ attempts }) => attempts === 2);
      expect(tracer.of("failure")[0]).toMatchObject({
        error: { kind: "connection" },
        verdict: "transient",
      });
    },
  );

  // The keepalive of MQTT is a packet. Pings of RFC 6455 do not count for it, so a transport that
  // is alive by its own lights is ended, and without a close frame.
  it.each(LEAVES)("%s: protocol pings do not keep an MQTT session, PINGREQ does", async (leaf) => {
    await using broker = await startMosquitto();
    const tracer = new Trail();
    await using feed = await open(URL_OF_BROKER, {
      transport: leaf,
      tracer,
      socket: broker.socket,
      protocols: ["mqtt"],
      config: { ...QUICK, liveness: WATCHFUL },
    });
    await feed.sink.send(connectPacket(1));
    expect((await receive(feed)).data).toEqual(CONNACK);
    for (let i = 0; i < 3; i++) {
      const before = tracer.of("probe").length;
      await probes(tracer, before + 1);
      await feed.sink.send(PINGREQ);
      expect(await receive(feed)).toMatchObject({ epoch: 1, data: PINGRESP });
    }
    const before = tracer.of("probe").length;
    await until(feed.lifecycle, ({ epoch }) => epoch === 2);
    expect(tracer.of("probe").length).toBeGreaterThan(before);
    expect(feed.lifecycle.snapshot.cause).toMatchObject({ code: "SOCKET_LOST", epoch: 1 });
  });
}

/**
 * Resolves when so many probes were sent. While the epoch stays, all but the last were answered.
 */
async function probes(tracer: Trail, count: number): Promise<void> {
  while (tracer.of("probe").length < count) await tracer.next();
}
