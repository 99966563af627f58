import { nodeRuntime } from "oath-ws";
import { describe, expect, it } from "vitest";
import { CoinbaseMarket, CoinbaseUser } from "@oath-ws/venue-coinbase";
import type { MarketOptions, UserOptions } from "@oath-ws/venue-coinbase";
import { isConfigError } from "@oath-ws/contract";

/** Paths of everything that a ConfigError complains of. */
function faultsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.issues.map(({ path }) => path);
  }
  throw new Error("nothing was wrong");
}

const market = (options: object): CoinbaseMarket =>
  new CoinbaseMarket({ runtime: nodeRuntime, ...options });
const user = (options: object): CoinbaseUser =>
  new CoinbaseUser({ runtime: nodeRuntime, ...options } as unknown as UserOptions);

describe("options of the market", () => {
  it.each([
    ["runtime", { runtime: undefined }],
    ["url", { url: "http://x" }],
    ["url", { url: 7 }],
    ["signer", { signer: {} }],
    ["signer", { signer: null }],
    ["budget", { budget: {} }],
    ["onFault", { onFault: "log" }],
    ["usdcProducts", { usdcProducts: "BTC-USDC" }],
    ["usdcProducts", { usdcProducts: [7] }],
    ["heartbeat", { heartbeat: 5_000 }],
    ["heartbeat.staleAfterMS", { heartbeat: { staleAfterMS: 1 } }],
    ["heartbeat.staleAfterMs", { heartbeat: { staleAfterMs: "5" } }],
    ["heartbeat.deadAfterMs", { heartbeat: { staleAfterMs: 10_000 } }],
    ["maxLevel2PerConnection", { maxLevel2PerConnection: 31 }],
    ["maxTopicsPerConnection", { maxTopicsPerConnection: Number.NaN }],
    ["config", { config: 7 }],
    ["config.backoff", { config: { backoff: 7 } }],
    ["config.backof", { config: { backof: {} } }],
    ["config.backoff.minMs", { config: { backoff: { minMs: -1 } } }],
    ["product", { product: "BTC-USD" }],
  ] as const)("%s: %j cannot work", (path, options) => {
    expect(faultsOf(() => market(options))).toEqual([path]);
  });

  it("are all looked at before one error tells of everything", () => {
    const all = {
      url: "ftp://x",
      heartbeats: true,
      maxTopicsPerConnection: 0,
      config: { liveness: { deadAfterMs: 0 } },
      budget: 1,
    };
    const paths = faultsOf(() => market(all));
    expect(paths).toEqual(
      expect.arrayContaining([
        "url",
        "heartbeats",
        "maxTopicsPerConnection",
        "config.liveness.deadAfterMs",
        "budget",
      ]),
    );
    expect(faultsOf(() => new CoinbaseMarket(undefined as unknown as MarketOptions))).toEqual([
      "runtime",
    ]);
  });

  it("laid over the venue's keep what they do not name", async () => {
    const quiet = market({ config: { backoff: undefined, liveness: { probeAfterMs: 2_000 } } });
    await quiet.shutdown();
  });
});

describe("options of an account", () => {
  it.each([
    ["signer", {}],
    [
      "signer",
      {
        signer: { algorithm: "HS256", keyName: "k", sign: () => new Uint8Array(), nonce: () => "" },
      },
    ],
    ["futures", { futures: "yes" }],
    ["maxUpdates", { maxUpdates: 0 }],
    ["snapshotTimeoutMs", { snapshotTimeoutMs: Number.POSITIVE_INFINITY }],
  ] as const)("%s: %j cannot work", (path, options) => {
    const signer = {
      algorithm: "EdDSA",
      keyName: "k",
      sign: () => new Uint8Array(64),
      nonce: () => "00",
    };
    expect(faultsOf(() => user(path === "signer" ? options : { signer, ...options }))).toEqual([
      path,
    ]);
  });
});

describe("options of a book", () => {
  it("that cannot work hold nothing", async () => {
    await using idle = market({ url: "ws://127.0.0.1:9" });
    expect(
      faultsOf(() => idle.book("BTC-USD", { updates: { kind: "reliable", maxEvents: 0 } })),
    ).toEqual(["policy.maxEvents"]);
    expect(faultsOf(() => idle.book("BTC-USD", { staleAfterMs: -1 }))).toEqual(["staleAfterMs"]);
    expect(faultsOf(() => idle.book("BTC-USD", { depth: 5 } as object))).toEqual(["depth"]);
    for (const name of [7, undefined, null]) {
      expect(() => idle.subscribe(name as unknown as "heartbeats")).toThrowError(
        expect.objectContaining({ code: "TOPIC_INVALID" }),
      );
      expect(() => idle.book(name as unknown as string)).toThrowError(
        expect.objectContaining({ code: "TOPIC_INVALID" }),
      );
    }
    expect(idle.topics).toEqual([]);
    expect(idle.connections).toEqual([]);
  });
});
