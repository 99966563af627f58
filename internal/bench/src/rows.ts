import type { Client, EventKind, ReadingWay, Row, Target, Work } from "./model.js";

/**
 * How this works: a row is data. It names two clients, the work that both do, the figure that is
 * compared, what the figure has to reach, and, where that was once missed, why. The command
 * measures rows, the report shows them in this order.
 */

const WS: Client = { kind: "ws", reads: "data" };
const WS_TEXT: Client = { kind: "ws", reads: "text" };
const WS_EVENTS: Client = { kind: "wsEvents" };

function direct(reads: ReadingWay): Client {
  return { kind: "stack", transport: "direct", reads };
}

const TAKE = direct("take");
const OVER_WS: Client = { kind: "stack", transport: "ws", reads: "take" };

/** What all rows that compare rates have in common. */
const RATE = { figure: "rate", compare: "ratio" } as const;

function atLeast(bound: number, low?: number, lowOn?: readonly number[]): Target {
  return {
    sense: "at least",
    bound,
    ...(low === undefined ? {} : { low }),
    ...(lowOn === undefined ? {} : { lowOn }),
  };
}

function flood(size: number, tls: boolean = false): Work {
  return { kind: "flood", tls, size };
}

const KIB = 1_024;

const TRIM =
  "glibc gives the top of its heap back and the next frames fault it in again: a fault takes " +
  "6 to 15 us here. A row with many faults measures that.";
const LARGE =
  "glibc gives the pages of large frames back, and they are faulted in again: 20 us a frame at " +
  "0.1 faults, 110 us at 6, 233 us at 16. With its thresholds at 256 MiB a frame of 64 KiB on " +
  "Node 24 took 0.00 faults and 1.4 to 2.1 times less processor time than bare ws, in three " +
  "pairs of processes; without, 0.65 to 0.96 times.";
const COLD =
  "A frame that is given away has memory of its own, which V8 frees only after 32 MiB more on " +
  "Node 20 and 64 MiB on Node 24, there by full collections. So it is written to memory that no " +
  "cache holds: 0.14 us of the 0.55 us that decoder, buffer and reader take for 1 KiB. To read " +
  "the socket takes 0.23 to 0.42 us more, on both sides.";
const PROMISE = "An iterator makes a promise for every frame; batches() does not.";
const DECRYPTING =
  "To read and decrypt costs both sides the same. A reader that discards what it decrypts takes " +
  "0.10 to 0.13 us for a frame of 150 B, where bare ws takes 0.56 to 0.76.";
const DECRYPTING_1K =
  "To read and decrypt takes 0.7 of the 1.6 to 2.2 us of bare ws, on both sides. The rest is " +
  "what a plain frame of 1 KiB costs, and a turn for each record of 16 KiB (3.6 us).";
const PARSER =
  "From Node 20 to 24 ws and JSON.parse gain more than we do. In a profile of trades on Node 24 " +
  "a third of our time is the transport's, a third the decoder's, a sixth the kit's.";
const LEVELS =
  "Both sides pay for a frame of 1.4 KB as in the row of 1 KiB. To read a number and make its " +
  "string takes 52 ns, of which 25 are the string's, and JSON.parse on Node 24 92.";
const TEXTS =
  "5 leaves 0.4 us a trade on Node 24. The frame alone takes 0.2 to 0.3, and the strings of " +
  "an event 0.13 (trades), 0.23 (book ticker) and 1.8 (depth, for which 5 leaves 1.2).";
const RECORDS =
  "To read and decrypt takes 40 to 54 us, on both sides, of the 76 to 104 us of bare ws: Node " +
  "hands over what it decrypts in pieces of 16 KiB, each with a turn of its own (3.6 us). The " +
  "pages of the frame are faulted in as in plain rows.";
const BORROWED =
  "Reading takes the kernel three fifths of the time of a borrowed frame: 13 to 16 of some " +
  "21 us at 64 KiB. Where bare ws has few faults, it takes only 29 to 35 us.";

const AWAKENING =
  "From the read of the socket to the reader takes 3.9 us in the process, and 1.7 in bare ws (10 " +
  "k/s, p50): 1.0 to decode into memory of its own, 0.5 to stamp and store the frame, and a " +
  "promise. At 1 k/s the same code is cold, and takes 14 to 20 us where bare ws takes 12.";
const ROUND_TRIP =
  "Both sides make one read, one write and one wait of the event loop a round trip, counted with " +
  "strace without TLS. Of some 30 us of processor time in the client 5 are ours: a promise for " +
  "each send and each wait, the turn of the actor, and memory of its own for each read (0.55 us).";

/** A row that compares rates with bare `ws`, unless it says otherwise. */
type Receiving = Omit<Row, "base" | "compare" | "figure"> & Partial<Pick<Row, "figure">>;

const RECEIVING: readonly Receiving[] = [
  {
    id: "wss-150",
    label: "wss, take(), 150 B",
    work: flood(150, true),
    subject: TAKE,
    target: atLeast(2.2, 1.8),
    reason: DECRYPTING,
  },
  {
    id: "wss-1k",
    label: "wss, take(), 1 KiB",
    work: flood(KIB, true),
    subject: TAKE,
    target: atLeast(1.5, 1.2),
    reason: DECRYPTING_1K,
  },
  {
    id: "wss-64k",
    label: "wss, take(), 64 KiB",
    work: flood(64 * KIB, true),
    subject: TAKE,
    target: atLeast(1.4, 1.1),
    reason: RECORDS,
  },
  {
    id: "plain-40",
    label: "ws, take(), 40 B",
    work: flood(40),
    subject: TAKE,
    target: atLeast(2),
    reason: TRIM,
  },
  {
    id: "plain-150",
    label: "ws, take(), 150 B",
    work: flood(150),
    subject: TAKE,
    target: atLeast(2),
    reason: TRIM,
  },
  {
    id: "plain-1k",
    label: "ws, take(), 1 KiB",
    work: flood(KIB),
    subject: TAKE,
    target: atLeast(1.5),
    reason: COLD,
  },
  {
    id: "owned-64k",
    label: "ws, take(), 64 KiB, owned",
    work: flood(64 * KIB),
    subject: TAKE,
    target: atLeast(1.3, 0.8, [20]),
    reason: LARGE,
  },
  {
    id: "owned-1m",
    label: "ws, take(), 1 MiB, owned",
    work: flood(KIB * KIB),
    subject: TAKE,
    target: atLeast(1.3, 0.8, [20]),
    reason: LARGE,
  },
  {
    id: "borrowed-cpu-64k",
    label: "ws, borrowed, 64 KiB, by processor time",
    work: flood(64 * KIB),
    subject: direct("borrowed"),
    figure: "perCpu",
    target: atLeast(2, 1.1),
    reason: BORROWED,
  },
  {
    id: "borrowed-cpu-1m",
    label: "ws, borrowed, 1 MiB, by processor time",
    work: flood(KIB * KIB),
    subject: direct("borrowed"),
    figure: "perCpu",
    target: atLeast(2, 1.1),
  },
  {
    id: "batches-150",
    label: "ws, batches(), 150 B",
    work: flood(150),
    subject: direct("batches"),
    target: atLeast(1.8),
    reason: TRIM,
  },
  {
    id: "for-await-150",
    label: "ws, for await, 150 B",
    work: flood(150),
    subject: direct("forAwait"),
    target: atLeast(1.4),
    reason: PROMISE,
  },
];

const RECEIVE: readonly Row[] = RECEIVING.map((row) => ({ base: WS, ...RATE, ...row }));

const TEXT: readonly Row[] = [
  { id: "text-150", label: "ws, text(), 150 B", work: flood(150), target: atLeast(2.3) },
  { id: "text-1k", label: "ws, text(), 1 KiB", work: flood(KIB), target: atLeast(1.6) },
].map((row) => ({
  base: WS_TEXT,
  subject: direct("text"),
  ...RATE,
  ...row,
}));

const ADAPTER: readonly Row[] = (
  [
    ["trade", "trades", 2.5, 1.8],
    ["bookTicker", "book ticker", 2.5, 1.8],
    ["depth", "depth", 1.8, 1.4],
  ] as const satisfies readonly (readonly [EventKind, string, number, number])[]
).flatMap(([event, name, take, forAwait]) => {
  const row = (id: string, way: string, subject: Client, target: Target): Row => ({
    id: `${id}-${event}`,
    label: `${name}, ${way}`,
    work: { kind: "events", event },
    base: WS_EVENTS,
    subject,
    target,
    reason: id === "sbe" ? TEXTS : event === "depth" ? LEVELS : PARSER,
    ...RATE,
  });
  const json = { kind: "adapter", encoding: "json" } as const;
  return [
    row("take", "JSON, take()", { ...json, reads: "take" }, atLeast(take)),
    row("for-await", "JSON, for await", { ...json, reads: "forAwait" }, atLeast(forAwait)),
    row("sbe", "SBE, take()", { kind: "adapter", encoding: "sbe", reads: "take" }, atLeast(5)),
  ];
});

const LATENCY: readonly Row[] = ([1_000, 10_000] as const).flatMap((perSecond) => {
  const row = (figure: "p50Us" | "p99Us", bound: number): Row => ({
    id: `latency-${perSecond / 1_000}k-${figure.slice(0, 3)}`,
    label: `latency beyond bare ws, ${perSecond / 1_000} k/s, ${figure.slice(0, 3)}, us`,
    work: { kind: "latency", perSecond },
    base: WS,
    subject: TAKE,
    figure,
    compare: "difference",
    target: { sense: "interval reaches", bound },
    reason: AWAKENING,
  });
  return [row("p50Us", 1), row("p99Us", 0)];
});

const COSTS: readonly Row[] = [
  {
    id: "idle",
    label: "memory of an idle connection",
    work: { kind: "idle", connections: 1_000 },
    base: WS,
    subject: TAKE,
    figure: "bytes",
    compare: "ratio",
    target: { sense: "at most", bound: 1.6 },
    reason:
      "A pull reader that waits costs 0.8 kB alone, the codec 0.7 and the timer 0.4. The rest is " +
      "some 50 objects of 40 to 220 bytes: the cores, the actor and what it hands out (ADR-0066).",
  },
  {
    id: "reset",
    label: "reset to first frame, x dialled by hand",
    work: { kind: "reset" },
    base: { ...WS, redial: true },
    subject: TAKE,
    figure: "p50Us",
    compare: "ratio",
    target: { sense: "at most", bound: 1.05 },
    reason:
      "No turn of the event loop is left that a dial by hand does not have: there are three " +
      "turns of the actor, which are promise jobs, and two timers. They make the error, publish " +
      "each state and build the dial, in code that runs seldom and so is slow.",
  },
  ...(
    [
      { framesPerWrite: 1, writesPerSecond: 5_000 },
      { framesPerWrite: 64, writesPerSecond: 1_000 },
    ] as const
  ).map(
    (pace): Row => ({
      id: `connections-${pace.framesPerWrite}`,
      label: `cost per frame, 1 000 connections / 1, ${pace.framesPerWrite} a read`,
      work: { kind: "spread", connections: 1_000, ...pace },
      baseWork: { kind: "spread", connections: 1, ...pace },
      base: TAKE,
      subject: TAKE,
      figure: "cpu",
      compare: "ratio",
      target: { sense: "at most", bound: 1.2 },
    }),
  ),
];

const OTHERS: readonly (readonly [id: string, name: string, Client, Row["runtime"]])[] = [
  ["undici", "undici", { kind: "undici" }, undefined],
  ["bun", "Bun's client", { kind: "native" }, "bun"],
];

const ECHO: readonly Row[] = [false, true].flatMap((tls) => {
  const scheme = tls ? "wss" : "ws";
  const common = {
    work: { kind: "echo", tls, size: 256 },
    base: WS,
    ...RATE,
  } as const satisfies Partial<Row>;
  return [
    {
      ...common,
      id: `echo-${scheme}`,
      label: `${scheme}, echo, 256 B`,
      subject: TAKE,
      target: atLeast(1),
      reason: ROUND_TRIP,
    },
    ...OTHERS.map(([id, name, subject, runtime]) => ({
      ...common,
      id: `echo-${scheme}-${id}`,
      label: `${scheme}, echo, 256 B, ${name}`,
      subject,
      ...(runtime === undefined ? {} : { runtime }),
    })),
  ];
});

const SHOWN: readonly Row[] = [
  {
    id: "deflate-1k",
    label: "ws, take(), 1 KiB, compressed",
    work: { ...flood(KIB), deflate: true } as Work,
    base: WS,
    subject: TAKE,
  },
  {
    id: "telemetry-150",
    label: "ws, take(), 150 B, telemetry on / off",
    work: flood(150),
    base: TAKE,
    subject: { ...TAKE, telemetry: true } as Client,
  },
  { id: "over-ws-150", label: "150 B", work: flood(150), base: WS, subject: OVER_WS },
  { id: "over-ws-1k", label: "1 KiB", work: flood(KIB), base: WS, subject: OVER_WS },
  {
    id: "over-ws-wss-150",
    label: "wss, 150 B",
    work: flood(150, true),
    base: WS,
    subject: OVER_WS,
  },
].map((row) => ({
  ...RATE,
  ...row,
  label: row.subject === OVER_WS ? `transport "ws", take(), ${row.label}` : row.label,
}));

/** Everything that is measured, in the order of the report. */
export const ROWS: readonly Row[] = [
  ...RECEIVE,
  ...TEXT,
  ...ADAPTER,
  ...LATENCY,
  ...COSTS,
  {
    id: "send-150",
    label: "ws, send, 150 B",
    work: { kind: "send", size: 150 },
    base: WS,
    subject: TAKE,
    target: atLeast(4),
    ...RATE,
  },
  ...ECHO,
  ...SHOWN,
];

/** The rows of the README, and of the history. */
export const HEADLINES: readonly string[] = [
  "wss-150",
  "text-150",
  "take-trade",
  "send-150",
  "reset",
];

/** Rows by what `--only` says: ids, or how they begin. */
export function selectRows(only: readonly string[] | undefined): readonly Row[] {
  if (only === undefined) return ROWS;
  const unknown = only.filter((start) => !ROWS.some(({ id }) => id.startsWith(start)));
  if (unknown.length > 0) {
    const known = ROWS.map(({ id }) => id).join(", ");
    throw new Error(`--only has ${unknown.join(", ")}, which no row is called; known: ${known}`);
  }
  return ROWS.filter(({ id }) => only.some((start) => id.startsWith(start)));
}
