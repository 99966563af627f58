import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { fromRelay, relay, relayGate } from "@oath-ws/relay";
import type { Relay, RelayOptions } from "@oath-ws/relay";
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endAfter, records, start } from "../../../packages/cli/test/support/run-cli.js";
import type { RelayEngine } from "../../../packages/relay/src/engine/engine.js";
import { openOwnerEngine } from "../../../packages/relay/src/engine/open-nats.js";
import { describeServer } from "../../servers/test/support/describe-server.js";
import { NatsServer } from "../src/nats-server.js";
import { ROWS } from "../src/rows.js";
import { runRow } from "../src/run.js";

const NATS = { package: "nats-server", file: "/usr/sbin/nats-server" };
const TOPICS = ["btcusdt@trade"];

/** A market that dials nothing before it is subscribed, and then a port that nothing listens at. */
function idleMarket(): BinanceMarket {
  return new BinanceMarket({ runtime: nodeRuntime, url: "ws://127.0.0.1:9" });
}

async function started(
  options: Partial<RelayOptions> & Pick<RelayOptions, "nats">,
): Promise<Relay> {
  const market = idleMarket();
  try {
    return await relay(market, { shard: "t", topics: TOPICS, ...options });
  } finally {
    await market.shutdown();
  }
}

async function streamsOf(url: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  const names: string[] = [];
  for await (const name of manager.streams.names()) names.push(name);
  await connection.close();
  return names;
}

describeServer("the relay over a real nats-server", [NATS], () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("says that there is no server, or no relay", async () => {
    const nats = "nats://127.0.0.1:9";
    const unreachable = { code: "RELAY_UNREACHABLE", kind: "connection" };
    await expect(started({ nats })).rejects.toMatchObject(unreachable);
    await expect(fromRelay({ nats, shard: "t" })).rejects.toMatchObject(unreachable);
    await expect(relayGate({ nats })).rejects.toMatchObject(unreachable);
    await expect(fromRelay({ nats: server.url, shard: "none" })).rejects.toMatchObject({
      code: "RELAY_NOT_FOUND",
    });
    await expect(started({ nats: "nats://user:secret@127.0.0.1:9" })).rejects.toThrow(
      /nats\.url: must be nats:\/\/host:port/,
    );
  });

  it("takes credentials from a file, and shows nothing of them", async () => {
    await using guarded = await NatsServer.start({
      config: "authorization { user: trader, password: open-sesame }",
    });
    const right = await guarded.file("right", "trader:open-sesame\n");
    const wrong = await guarded.file("wrong", "trader:guess\n");
    const url = guarded.url;
    const refused = await started({ nats: { url, credentialsFile: wrong } }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "RELAY_AUTH", kind: "auth" });
    expect(String(refused)).not.toContain("guess");
    await expect(started({ nats: url })).rejects.toMatchObject({ code: "RELAY_AUTH" });
    await expect(
      started({ nats: { url, credentialsFile: "/nowhere/at-all" } }),
    ).rejects.toMatchObject({ code: "RELAY_AUTH" });
    const running = await started({ nats: { url, credentialsFile: right } });
    await running.shutdown();
  });

  it("trusts the authority of a file, and no other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "oath-ws-relay-tls-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    const names = ["-subj", "/CN=relay", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-nodes", "-keyout", key, "-out", cert, "-days", "1"];
    execFileSync("openssl", [...request, ...names, ...files], { stdio: "ignore" });
    await using secured = await NatsServer.start({
      host: "127.0.0.1",
      config: `tls { cert_file: "${cert}", key_file: "${key}" }`,
    });
    const url = `tls://localhost:${secured.port}`;
    await expect(started({ nats: { url } })).rejects.toMatchObject({ code: "RELAY_UNREACHABLE" });
    const running = await started({ nats: { url, tlsCaFile: cert } });
    await running.shutdown();
    rmSync(folder, { recursive: true });
  });

  it("says that JetStream is off, or that it has no room, and leaves nothing behind", async () => {
    await using off = await NatsServer.start({ jetstream: false });
    await expect(started({ nats: off.url })).rejects.toMatchObject({ code: "RELAY_NO_JETSTREAM" });
    await using small = await NatsServer.start({ jetstream: "max_file: 16MB" });
    await expect(started({ nats: small.url })).rejects.toMatchObject({ code: "RELAY_FULL" });
    expect(await streamsOf(small.url)).toEqual([]);
    const stream = { maxBytes: 2_000_000 };
    const running = await started({ nats: small.url, stream });
    await running.shutdown();
  });

  it("refuses a name that is in use, and a stream with other settings", async () => {
    const nats = server.url;
    const running = await started({ nats });
    await expect(started({ nats, topics: ["ethusdt@trade"] })).rejects.toMatchObject({
      code: "RELAY_NAME_TAKEN",
    });
    await expect(started({ nats, stream: { maxAgeMs: 5_000 } })).rejects.toThrow(
      /max_age is 3600000000000, wanted 5000000000/,
    );
    await running.shutdown();
    const connection = await connect({ servers: nats });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "OATH_foreign", subjects: ["foreign"] });
    await connection.close();
    const differs = { code: "RELAY_STREAM_DIFFERS" };
    await expect(started({ nats, shard: "foreign" })).rejects.toMatchObject(differs);
    await expect(fromRelay({ nats, shard: "foreign" })).rejects.toMatchObject(differs);
  });

  it("refuses an append behind another owner's messages, of which it has as many", async () => {
    const open = async (): Promise<RelayEngine> =>
      openOwnerEngine({ url: server.url }, "forgetful", ["t"], {});
    const append = (engine: RelayEngine, seq: number): Promise<number> =>
      engine.append(Buffer.from("batch"), seq);
    const one = await open();
    expect([await append(one, 0), await append(one, 1)]).toEqual([1, 2]);
    // The stream forgets both.
    const connection = await connect({ servers: server.url });
    await (await jetstreamManager(connection)).streams.delete("OATH_forgetful");
    await connection.close();
    const other = await open();
    expect([await append(other, 0), await append(other, 1)]).toEqual([1, 2]);
    await expect(append(one, 2)).rejects.toMatchObject({ code: "RELAY_CONFLICT" });
    expect(await append(other, 2)).toBe(3);
    await Promise.all([one.close(), other.close()]);
  });

  it("brings books first to who joins late, and shares a gate", async () => {
    await using sim = await startBinanceSim({ symbols: ["ETHUSDT"] });
    await using shared = await relayGate({ nats: server.url });
    const restUrl = sim.url.replace(/^ws/, "http");
    const { gate } = shared;
    await using market = new BinanceMarket({ runtime: nodeRuntime, url: sim.url, restUrl, gate });
    const book = market.book("ETHUSDT", { updates: { kind: "reliable" } });
    const books = { "book:ETHUSDT": book };
    await using _running = await relay(market, { nats: server.url, shard: "b", books });
    await until(() => book.state.snapshot.phase === "live");
    await using line = await fromRelay({ nats: server.url, shard: "b" });
    const copy = line.book("book:ETHUSDT");
    await until(() => copy.state.snapshot.phase === "live");
    await until(() => copy.updateId !== undefined && copy.updateId === book.updateId);
    expect(copy.bids).toEqual(book.bids);
    expect(copy.asks).toEqual(book.asks);
    // Its age is known from the first message on that was stored after it began to read.
    await until(() => copy.isFresh(2_000));
    await until(() => line.lifecycle.snapshot.phase === "connected");
  });

  it("is a command: one that relays, and one that reads as if the line were its own", async () => {
    const where = ["tail", "--relay", server.url, "--venue", "binance", "--sim", "--name", "cli"];
    const { out } = await endAfter(
      start(...where, "btcusdt@trade,book:ETHUSDT", "--json"),
      /"phase":"connected"/,
      /"topic":"book:ETHUSDT".*"phase":"live"/,
      /"topic":"btcusdt@trade".*"seq":6,/,
    );
    const printed = records(out);
    expect(printed).toContainEqual(
      expect.objectContaining({ type: "snapshot", phase: "connected" }),
    );
    expect(printed).toContainEqual(
      expect.objectContaining({ type: "topic", topic: "book:ETHUSDT", phase: "live" }),
    );
    expect(printed.at(-1)).toMatchObject({ type: "summary", gaps: 0 });
    const trades = printed.filter(
      ({ topic, type }) => type === "event" && topic === "btcusdt@trade",
    );
    expect(trades.length).toBeGreaterThan(5);
    expect(trades[0]).toMatchObject({ isCurrent: true, data: { e: "trade", s: "BTCUSDT" } });
  });

  it.concurrent.each(ROWS.filter(({ isShort }) => isShort))(
    "loses, doubles and mixes up nothing: $fault",
    async (row) => {
      const result = await runRow(row, 7);
      const nothing = { unaccounted: 0, repeated: 0, outOfOrder: 0, declared: 0, error: undefined };
      expect(result).toMatchObject(nothing);
      expect(result.delivered).toBeGreaterThan(500);
    },
  );
});

/** Waits for a condition that events bring about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition())
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
}
