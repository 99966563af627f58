import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { startCoinbaseSim } from "../../src/coinbase/start.js";
import { refusal } from "../support/client.js";
import { ask, client, errors, frames, jwt, sim } from "./with-sim.js";
import type { JwtChanges } from "./with-sim.js";

const HEARTBEATS = { type: "subscribe", channel: "heartbeats" };
const NOW = Math.floor(Date.now() / 1_000);
const FOREIGN_KEY = generateKeyPairSync("ed25519")
  .privateKey.export({ format: "pem", type: "pkcs8" })
  .toString();

describe("tokens", () => {
  it.each(["ES256", "EdDSA"] as const)("of %s are taken once each", async (algorithm) => {
    const venue = await sim({ accounts: [{ algorithm }] });
    const one = await client(venue.userUrl);
    const token = jwt(venue.account());
    await ask(one, { type: "subscribe", channel: "user", jwt: token });
    expect(errors(one)).toEqual([]);
    await ask(one, { type: "subscribe", channel: "futures_balance_summary", jwt: token });
    expect(errors(one)).toEqual(["authentication failure"]);
  });

  const wrong: Readonly<Record<string, JwtChanges>> = {
    expired: { claims: { nbf: NOW - 300, exp: NOW - 180 } },
    "not valid yet": { claims: { nbf: NOW + 60, exp: NOW + 180 } },
    "valid for too long": { claims: { exp: NOW + 3_600 } },
    "of another issuer": { claims: { iss: "coinbase-cloud" } },
    "of another subject": { claims: { sub: "me" } },
    "with a uri": { claims: { uri: "GET api.coinbase.com/" } },
    "without an end": { claims: { exp: undefined } },
    "of an unknown key": { header: { kid: "organizations/x" } },
    "of another algorithm": { header: { alg: "HS256" } },
    "without a nonce": { header: { nonce: undefined } },
    "of another type": { header: { typ: "JWS" } },
    "signed by a foreign key": { key: FOREIGN_KEY },
  };
  it.each(Object.keys(wrong))("are refused when %s", async (what) => {
    const venue = await sim();
    const one = await client(venue.userUrl);
    await ask(one, { type: "subscribe", channel: "user", jwt: jwt(venue.account(), wrong[what]) });
    expect(errors(one)).toEqual(["authentication failure"]);
    expect(frames(one)).toEqual([]);
  });

  it.each([undefined, "", "x.y.z", "a.b"])("are needed by private channels: %j", async (token) => {
    const venue = await sim();
    const one = await client(venue.userUrl);
    await ask(one, {
      type: "subscribe",
      channel: "user",
      ...(token === undefined ? {} : { jwt: token }),
    });
    expect(errors(one)).toEqual(["authentication failure"]);
  });

  it("are of no use once the key is revoked, and what is subscribed stays", async () => {
    const venue = await sim();
    const one = await client(venue.userUrl);
    await ask(one, { type: "subscribe", channel: "user", jwt: jwt(venue.account()) });
    venue.faults.revokeKey();
    await ask(one, {
      type: "subscribe",
      channel: "futures_balance_summary",
      jwt: jwt(venue.account()),
    });
    expect(errors(one)).toEqual(["authentication failure"]);
    venue.account().place({ productId: "BTC-USD", side: "BUY", price: "1", quantity: "1" });
    await one.until(() => frames(one).length === 3);
  });
});

describe("limits", () => {
  it("end a connection that subscribes nothing in time", async () => {
    const venue = await sim({ timeScale: 100, wire: { closeCode: 1006 } });
    const one = await client(venue.url);
    expect((await one.ended).code).toBe(1006);
    expect(venue.stats().disconnects).toMatchObject({ notSubscribed: 1, idle: 0 });
  });

  it("end a connection to which nothing is sent, and keep one with heartbeats", async () => {
    const venue = await sim({ timeScale: 100, limits: { subscribeWithinMs: 60_000 } });
    const [quiet, kept] = [await client(venue.url), await client(venue.url)];
    await ask(kept, HEARTBEATS);
    await ask(quiet, { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] });
    expect(await quiet.ended).toMatchObject({ code: 1000 });
    await kept.until(() => frames(kept).length > 150);
    expect(venue.stats()).toMatchObject({ open: 1, disconnects: { notSubscribed: 0, idle: 1 } });
  });

  it("of connections are 8 a second and address, for both endpoints together", async () => {
    const venue = await sim({ timeScale: 0.01 });
    for (let count = 0; count < 4; count++)
      await Promise.all([client(venue.url), client(venue.userUrl)]);
    const refused = await refusal(venue.url);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(venue.stats()).toMatchObject({ accepted: 8, refused: 1, connectViolations: 1 });
  });

  it("of messages are 8 a second and address without a token, over all connections", async () => {
    const venue = await sim({ timeScale: 0.01 });
    const [one, other] = [await client(venue.url), await client(venue.url)];
    for (let count = 0; count < 4; count++) {
      await ask(one, HEARTBEATS);
      await ask(other, HEARTBEATS);
    }
    await ask(one, HEARTBEATS);
    expect(errors(one)).toEqual(["rate limit exceeded"]);
    await ask(one, { ...HEARTBEATS, jwt: jwt(venue.account()) });
    expect(errors(one)).toHaveLength(1);
    expect(venue.stats().rateViolations).toBe(1);
  });

  it.each([
    ["what is no JSON", "{"],
    ["what is no object", "7"],
    ["a request without a channel", '{"type":"subscribe"}'],
    [
      "products that are no list",
      '{"type":"subscribe","channel":"ticker","product_ids":"BTC-USD"}',
    ],
    ["a channel without its products", '{"type":"subscribe","channel":"ticker"}'],
    ["an unknown product", '{"type":"subscribe","channel":"ticker","product_ids":["NO-SUCH"]}'],
    ["an unknown type", '{"type":"shout","channel":"heartbeats"}'],
  ])("refuse %s", async (_, text) => {
    const one = await client((await sim()).url);
    one.socket.send(text);
    await one.until(() => errors(one).length === 1);
    expect(errors(one)).toEqual(["failure to subscribe"]);
  });

  it("refuse market channels on the user endpoint, and other paths", async () => {
    const venue = await sim();
    const one = await client(venue.userUrl);
    await ask(one, { type: "subscribe", channel: "ticker", product_ids: ["BTC-USD"] });
    expect(errors(one)).toEqual(["failure to subscribe"]);
    expect((await refusal(`${venue.url}/nowhere`)).statusCode).toBe(404);
  });
});

describe("requests that the venue ignores", () => {
  const ticker = (type: string, ...products: readonly string[]): object => ({
    type,
    channel: "ticker",
    product_ids: products,
  });
  const last = (one: Awaited<ReturnType<typeof client>>): unknown => frames(one).at(-1)?.events;

  it("leave unknown products out of the acknowledgement, by option", async () => {
    const one = await client((await sim({ wire: { unknownProducts: "ignore" } })).url);
    await ask(one, ticker("subscribe", "BTC-USD", "SOL-PERP-INTX"));
    expect(last(one)).toEqual([{ subscriptions: { ticker: ["BTC-USD"] } }]);
    await ask(one, { ...ticker("subscribe", "SOL-PERP-INTX"), channel: "level2" });
    expect(last(one)).toEqual([{ subscriptions: { ticker: ["BTC-USD"] } }]);
    expect(errors(one)).toEqual([]);
  });

  it("are acknowledged with the set as it is, or not at all", async () => {
    const venue = await sim();
    const one = await client(venue.url);
    await ask(one, ticker("subscribe", "BTC-USD"));
    venue.faults.ignoreRequests("unsubscribe");
    await ask(one, ticker("unsubscribe", "BTC-USD"));
    expect(last(one)).toEqual([{ subscriptions: { ticker: ["BTC-USD"] } }]);
    venue.faults.ignoreRequests("subscribe", { answered: false, channel: "ticker" });
    one.send(ticker("subscribe", "ETH-USD"));
    await ask(one, HEARTBEATS);
    expect(last(one)).toEqual([
      { subscriptions: { ticker: ["BTC-USD"], heartbeats: ["heartbeats"] } },
    ]);
    await ask(one, ticker("unsubscribe", "BTC-USD"));
    expect(last(one)).toEqual([{ subscriptions: { heartbeats: ["heartbeats"] } }]);
  });

  it("are none when a snapshot is sent again, or a token taken twice, by option", async () => {
    const venue = await sim({ wire: { snapshotOnResubscribe: true, uniqueNonces: false } });
    const one = await client(venue.url);
    const request = {
      ...ticker("subscribe", "BTC-USD"),
      channel: "level2",
      jwt: jwt(venue.account()),
    };
    await ask(one, request);
    await ask(one, request);
    expect(frames(one).map(({ channel }) => channel)).toEqual([
      "l2_data",
      "subscriptions",
      "l2_data",
      "subscriptions",
    ]);
  });
});

describe("faults", () => {
  it("lose frames whose numbers are gone, and swap and double others", async () => {
    const venue = await sim();
    const one = await client(venue.url);
    await ask(one, { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] });
    venue.faults.drop(1);
    venue.faults.reorder(1);
    venue.faults.duplicate(1);
    venue.market.step(4);
    await one.until(() => frames(one).length >= 6);
    venue.faults.gap({ events: 3 });
    venue.market.step();
    await one.until(() => frames(one).at(-1)?.sequence_num === 9);
    expect(frames(one).map(({ sequence_num }) => sequence_num)).toEqual([0, 1, 4, 3, 5, 5, 9]);
    expect(
      venue.record
        .sent(1)
        .find(({ stream }) => stream === "*")
        ?.ranges.map(({ first, last }) => [first, last]),
    ).toEqual([
      [0, 0],
      [4, 4],
      [3, 3],
      [5, 5],
      [5, 5],
      [9, 9],
    ]);
  });

  it("hit the endpoint that they are aimed at, and are noted", async () => {
    const venue = await sim();
    const [market, user] = [await client(venue.url), await client(venue.userUrl)];
    venue.faults.closeConnections(1001, "bye", { endpoint: "ws-api" });
    expect(await user.ended).toMatchObject({ code: 1001, reason: "bye" });
    expect(market.socket.readyState).toBe(market.socket.OPEN);
    expect(venue.stats().faults).toMatchObject([{ fault: { kind: "close" }, connections: [2] }]);
  });

  it("happen by script", async () => {
    const venue = await sim({
      script: [
        {
          when: { kind: "connection-frame", number: 3 },
          fault: { kind: "close", code: 1001 },
          target: { endpoint: "all" },
        },
      ],
    });
    const one = await client(venue.url);
    await ask(one, { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] });
    venue.market.step(5);
    expect(await one.ended).toMatchObject({ code: 1001 });
    expect(frames(one)).toHaveLength(4);
  });

  it("of this venue alone may stand in a script too", async () => {
    const venue = await sim({
      script: [
        {
          when: { kind: "connection-frame", number: 1 },
          fault: { kind: "refuse-requests", message: "busy" },
        },
      ],
    });
    const one = await client(venue.url);
    await ask(one, { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] });
    await ask(one, { type: "subscribe", channel: "heartbeats" });
    expect(errors(one)).toEqual(["busy"]);
  });

  it("of other venues, and those that make no sense, are refused", async () => {
    const venue = await sim();
    expect(() => venue.faults.apply({ kind: "expire" } as never)).toThrowError(
      /expire is no fault of this venue/,
    );
    expect(() => venue.faults.apply({ kind: "drop", count: 0 })).toThrowError(/fault\.count/);
    expect(() => venue.faults.forget("nonsense" as never, "BTC-USD")).toThrowError(
      /fault\.channel/,
    );
    expect(() => venue.faults.refuseRequests("")).toThrowError(/fault\.message/);
  });
});

describe("options", () => {
  it.each([
    [{ products: [] }, /products: expected at least one/],
    [{ limits: { connects: 0 } }, /limits\.connects/],
    [{ limits: { idleMinMs: 5, idleMaxMs: 4 } }, /limits\.idleMaxMs/],
    [{ limits: { conects: 1 } }, /limits\.conects: unknown option/],
    [{ wire: { acks: "never" } }, /wire\.acks/],
    [{ wire: { closeCode: 10 } }, /wire\.closeCode/],
    [{ wire: { unknownProducts: "shout" } }, /wire\.unknownProducts/],
    [{ accounts: [{ algorithm: "RS256" }] }, /accounts\[0\]\.algorithm/],
    [{ accounts: [{ publicKey: "no key" }] }, /publicKey/],
    [{ market: { levels: 1 } }, /market\.levels/],
    [
      { script: [{ when: { kind: "time", afterMs: 1 }, fault: { kind: "ban" } }] },
      /script\[0\]\.fault\.kind/,
    ],
    [{ symbols: [] }, /symbols: unknown option/],
  ])("that cannot work are refused: %j", async (options, problem) => {
    await expect(startCoinbaseSim(options as never)).rejects.toThrowError(problem);
  });

  it("with the same seed make the same market", async () => {
    const [one, other] = [await sim({ seed: 7 }), await sim({ seed: 7 })];
    one.market.step(20);
    other.market.step(20);
    expect(one.market.book("ETH-USD")).toEqual(other.market.book("ETH-USD"));
    expect(() => one.market.book("NO-SUCH")).toThrowError(/product/);
    await one.close();
    await one.close();
    await expect(one.waitFor(() => false)).rejects.toThrowError(/closed/);
  });
});
