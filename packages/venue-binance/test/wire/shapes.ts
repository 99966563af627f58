/**
 * Events as the venue sends them, written from its documentation with made-up values. Each has
 * every documented field and is checked against its type: a field that a type lacks, or has with
 * another type, does not compile.
 */
import type {
  AccountPosition,
  AvgPrice,
  BalanceUpdate,
  BlockTrade,
  ExecutionConditions,
  ExecutionReport,
  ExternalLockUpdate,
  ListStatus,
  MiniTicker,
  ReferencePrice,
  Ticker,
  WindowTicker,
} from "@oath-ws/venue-binance";

const NEW_ORDER = {
  e: "executionReport",
  E: 1_764_460_800_123,
  s: "BTCUSDT",
  c: "mine-1",
  S: "SELL",
  o: "LIMIT",
  f: "GTC",
  q: "0.50000000",
  p: "91000.10000000",
  P: "0.00000000",
  F: "0.00000000",
  g: -1,
  C: "",
  x: "NEW",
  X: "NEW",
  r: "NONE",
  i: 7_001,
  l: "0.00000000",
  z: "0.00000000",
  L: "0.00000000",
  n: "0",
  N: null,
  T: 1_764_460_800_122,
  t: -1,
  I: 15_002,
  w: true,
  m: false,
  M: false,
  O: 1_764_460_800_122,
  Z: "0.00000000",
  Y: "0.00000000",
  Q: "0.00000000",
  V: "EXPIRE_MAKER",
} as const satisfies ExecutionReport;

/** Every conditional field, each with the kind of order that brings it. */
export const CONDITIONS = {
  trailing: { d: 25, D: 1_764_460_800_500 },
  strategy: { j: 12, J: 1_000_001 },
  prevented: {
    v: 3,
    A: "0.25000000",
    B: "0.12500000",
    u: 41,
    U: 6_999,
    Cs: "BTCUSDT",
    pl: "0.12500000",
    pL: "91000.10000000",
    pY: "11375.01250000",
  },
  working: { W: 1_764_460_800_122 },
  allocated: { b: "ONE_PARTY_TRADE_REPORT", a: 88, k: "SOR", uS: true },
  pegged: { gP: "PRIMARY_PEG", gOT: "PRICE_LEVEL", gOV: 2, gp: "90999.90000000" },
  expired: { eR: "EXCHANGE_CANCELED" },
} as const satisfies Readonly<Record<string, ExecutionConditions>>;

/** What an account's stream brings. */
export const ACCOUNT_EVENTS = [
  NEW_ORDER,
  ...Object.values(CONDITIONS).map(
    (conditions, index): ExecutionReport => ({ ...NEW_ORDER, ...conditions, I: 15_003 + index }),
  ),
  {
    e: "outboundAccountPosition",
    E: 1_764_460_801_000,
    u: 1_764_460_800_999,
    B: [{ a: "BTC", f: "1.50000000", l: "0.50000000" }],
  } satisfies AccountPosition,
  {
    e: "balanceUpdate",
    E: 1_764_460_802_000,
    a: "USDT",
    d: "-25.00000000",
    T: 1_764_460_801_999,
  } satisfies BalanceUpdate,
  {
    e: "listStatus",
    E: 1_764_460_803_000,
    s: "BTCUSDT",
    g: 9,
    c: "OCO",
    l: "EXEC_STARTED",
    L: "EXECUTING",
    r: "NONE",
    C: "list-9",
    T: 1_764_460_802_999,
    O: [
      { s: "BTCUSDT", i: 7_002, c: "mine-2" },
      { s: "BTCUSDT", i: 7_003, c: "mine-3" },
    ],
  } satisfies ListStatus,
  {
    e: "externalLockUpdate",
    E: 1_764_460_804_000,
    a: "BNB",
    d: "3.00000000",
    T: 1_764_460_803_999,
  } satisfies ExternalLockUpdate,
] as const;

const MOVEMENT = {
  E: 1_764_460_800_000,
  s: "BTCUSDT",
  p: "-120.50000000",
  P: "-0.132",
  w: "91060.20000000",
  c: "91000.10000000",
  o: "91120.60000000",
  h: "91500.00000000",
  l: "90750.00000000",
  v: "812.34560000",
  q: "73974000.12000000",
  O: 1_764_374_400_000,
  C: 1_764_460_799_999,
  F: 5_000_001,
  L: 5_040_000,
  n: 40_000,
} as const;

/** What the market's less usual streams bring. */
export const MARKET_EVENTS = {
  "btcusdt@blockTrade": {
    e: "blockTrade",
    E: 1_764_460_800_300,
    s: "BTCUSDT",
    t: 55,
    p: "91000.00000000",
    q: "40.00000000",
    T: 1_764_460_800_100,
    m: true,
  } satisfies BlockTrade,
  "btcusdt@avgPrice": {
    e: "avgPrice",
    E: 1_764_460_800_000,
    s: "BTCUSDT",
    i: "5m",
    w: "91010.55000000",
    T: 1_764_460_799_950,
  } satisfies AvgPrice,
  "btcusdt@referencePrice": {
    e: "referencePrice",
    s: "BTCUSDT",
    r: null,
    t: 1_764_460_800_000,
  } satisfies ReferencePrice,
  "btcusdt@miniTicker": {
    e: "24hrMiniTicker",
    E: 1_764_460_800_000,
    s: "BTCUSDT",
    c: "91000.10000000",
    o: "91120.60000000",
    h: "91500.00000000",
    l: "90750.00000000",
    v: "812.34560000",
    q: "73974000.12000000",
  } satisfies MiniTicker,
  "btcusdt@ticker": {
    e: "24hrTicker",
    ...MOVEMENT,
    x: "91120.50000000",
    Q: "0.01000000",
    b: "91000.00000000",
    B: "2.00000000",
    a: "91000.10000000",
    A: "1.00000000",
  } satisfies Ticker,
  "btcusdt@ticker_4h": { e: "4hTicker", ...MOVEMENT } satisfies WindowTicker,
} as const;
