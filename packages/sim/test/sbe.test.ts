import { generateKeyPairSync } from "node:crypto";
import type { BinanceSim } from "../src/index.js";
import { describe, expect, test } from "vitest";
import { type Client, refusal } from "./support/client.js";
import { client, sim } from "./support/with-sim.js";

function withKey(apiKey: string): { readonly headers: Record<string, string> } {
  return { headers: { "X-MBX-APIKEY": apiKey } };
}

/** A connection in SBE; `binary` fills with what comes in binary frames. */
async function sbe(
  venue: BinanceSim,
  path: string,
): Promise<{ readonly each: Client; readonly binary: Buffer[] }> {
  const each = await client(venue.sbeUrl + path, withKey(venue.account().apiKey));
  const binary: Buffer[] = [];
  each.socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) binary.push(data);
  });
  return { each, binary };
}

/** A price or a quantity as JSON has it: its units of 10^-8, with eight decimals. */
function units(text: string | undefined): bigint {
  return BigInt((text ?? "").replace(".", ""));
}

describe("the market streams in SBE", () => {
  test("want the key of an Ed25519 pair, at the upgrade", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const venue = await sim({
      accounts: [
        { apiKey: "pair", publicKey: pem },
        { apiKey: "shared", hmacSecret: "s" },
      ],
    });
    const status = async (options?: object): Promise<number | undefined> =>
      (await refusal(`${venue.sbeUrl}/ws/btcusdt@trade`, options)).statusCode;
    expect(await status()).toBe(400);
    expect(await status(withKey("unknown"))).toBe(400);
    expect(await status(withKey("shared"))).toBe(400);
    const each = await client(`${venue.sbeUrl}/ws/btcusdt@trade`, withKey("pair"));
    each.drop();
    venue.faults.revokeKey("pair");
    expect(await status(withKey("pair"))).toBe(400);
    const { connects } = venue.stats();
    expect(connects.map(({ refused }) => refused)).toEqual([
      "bad-key",
      "bad-key",
      "bad-key",
      undefined,
      "bad-key",
    ]);
  });

  test("have neither the WebSocket API nor REST at their address", async () => {
    const venue = await sim();
    const key = withKey(venue.account().apiKey);
    expect((await refusal(`${venue.sbeUrl}/ws-api/v3`, key)).statusCode).toBe(404);
    const answer = await fetch(`${venue.sbeUrl.replace("ws", "http")}/api/v3/time`);
    expect(answer.status).toBe(404);
  });

  test("answer in text, send events in binary, and stay silent on what is not there", async () => {
    const venue = await sim({ market: { auto: false } });
    const { each, binary } = await sbe(venue, "/stream");
    const params = [
      "btcusdt@bookTicker",
      "btcusdt@depth@100ms",
      "BTCUSDT@trade",
      "!miniTicker@arr",
    ];
    expect(await each.ask({ method: "SUBSCRIBE", params, id: 1 })).toEqual({ result: null, id: 1 });
    venue.market.step(20);
    expect(await each.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toEqual({
      result: params,
      id: 2,
    });
    expect(binary).toEqual([]);
    await each.ask({ method: "SUBSCRIBE", params: ["btcusdt@depth20"], id: 3 });
    venue.market.step();
    await each.until(() => binary.length === 1);
    venue.faults.serverShutdown(60_000);
    await each.until(() => each.raw.some((text) => text.includes("serverShutdown")));
  });

  test("keep the rules of JSON: five frames a second, 1 024 streams", async () => {
    const venue = await sim({ limits: { inboundWindowMs: 60_000, maxStreams: 2 } });
    const { each } = await sbe(venue, "/ws");
    const params = ["a@trade", "b@trade", "c@trade"];
    expect(await each.ask({ method: "SUBSCRIBE", params, id: 1 })).toMatchObject({ code: 4 });
    for (let id = 2; id < 7; id++) each.send({ method: "LIST_SUBSCRIPTIONS", id });
    expect(await each.ended).toMatchObject({ code: 1008, reason: "Too many requests" });
  });

  test("are laid out as the schema says, byte by byte", async () => {
    const venue = await sim({ market: { auto: false, startTimeMs: 1_770_000_000_000 } });
    const { each, binary } = await sbe(venue, "/ws/btcusdt@bestBidAsk");
    await venue.waitFor(({ subscriptions }) => subscriptions.length === 1);
    venue.market.step();
    await each.until(() => binary.length === 1);
    const [message = Buffer.alloc(0)] = binary;
    const { bids, asks } = venue.market.book("BTCUSDT");
    const i64 = (at: number): bigint => message.readBigInt64LE(at);
    expect([0, 2, 4, 6].map((at) => message.readUInt16LE(at))).toEqual([50, 10_001, 1, 0]);
    expect(i64(8)).toBe(1_770_000_000_100_000n);
    expect(i64(16)).toBe(BigInt(venue.market.lastIds("BTCUSDT").updateId));
    expect([message.readInt8(24), message.readInt8(25)]).toEqual([-8, -8]);
    expect([26, 34, 42, 50].map(i64)).toEqual(
      [bids[0]?.[0], bids[0]?.[1], asks[0]?.[0], asks[0]?.[1]].map(units),
    );
    expect(message.subarray(58).toString("latin1")).toBe("\u0007BTCUSDT");
  });

  test("cut the changes of a step in two, without a hole in their ids", async () => {
    const venue = await sim({ market: { auto: false }, record: { payloads: 10 } });
    const { each, binary } = await sbe(venue, "/ws/btcusdt@depth");
    await venue.waitFor(({ subscriptions }) => subscriptions.length === 1);
    const before = venue.market.lastIds("BTCUSDT").updateId;
    venue.market.step(2);
    await each.until(() => binary.length === 4);
    const ids = binary.map((message) => [16, 24].map((at) => Number(message.readBigInt64LE(at))));
    expect(ids[0]?.[0]).toBe(before + 1);
    for (const [index, [first]] of ids.slice(1).entries())
      expect(first).toBe((ids[index]?.[1] ?? 0) + 1);
    expect(ids.at(-1)?.[1]).toBe(venue.market.lastIds("BTCUSDT").updateId);
    const times = binary.map((message) => message.readBigInt64LE(8));
    expect(times.map((time) => time - (times[0] ?? 0n))).toEqual([0n, 50_000n, 100_000n, 150_000n]);
    expect(venue.record.payloads("sbe:btcusdt@depth")).toEqual(
      binary.map((message) => message.toString("hex")),
    );
  });

  test("refuse exponents that would lose digits", async () => {
    await expect(sim({ sbe: { priceExponent: -1 } })).rejects.toThrow(/sbe.priceExponent.*digits/);
    await expect(sim({ sbe: { appendedBytes: -1 } })).rejects.toThrow(/sbe.appendedBytes/);
  });
});
