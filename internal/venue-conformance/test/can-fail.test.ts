import { AttemptGate } from "oath-ws";
import { MessageBudget } from "@oath-ws/venue-coinbase";
import type { ReconnectingConnection } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { PROPERTIES, venueConformance, withHalves } from "@oath-ws/testing/venue";
import type {
  FeedUnderTest,
  PropertyId,
  Stage,
  StageOptions,
  TopicUnderTest,
} from "@oath-ws/testing/venue";
import { binanceMarketFeed } from "../src/drivers/binance-market.js";
import { coinbaseMarketFeed } from "../src/drivers/coinbase-market.js";
import { mayWaitTogether } from "./together.js";

/** For each wait: what is broken here never comes, and what is not has come long before. */
const PATIENCE_MS = 15_000;

type Break = (feed: FeedUnderTest) => FeedUnderTest;

/** A feed whose stages are changed once they are open. */
const staged =
  (change: (stage: Stage, options: StageOptions) => Stage): Break =>
  (feed) => ({ ...feed, open: async (options) => change(await feed.open(options), options) });

/** A feed whose topic is told otherwise. */
const topic = (change: (topic: TopicUnderTest) => Partial<TopicUnderTest>): Break =>
  staged((stage) => ({ ...stage, topic: { ...stage.topic, ...change(stage.topic) } }));

/** A feed whose adapter has other connections. */
const connected =
  (change: (connection: ReconnectingConnection) => ReconnectingConnection): Break =>
  (feed) => ({
    ...feed,
    open: (options) => {
      const observe: StageOptions["observe"] = (platform) => {
        const runtime = options.observe(platform);
        const build: typeof runtime.build = (settings) => {
          const connector = runtime.build(settings);
          return { connect: async (...args) => change(await connector.connect(...args)) };
        };
        return { ...runtime, build };
      };
      return feed.open({ ...options, observe });
    },
  });

const hidesGaps = topic(({ take }) => ({
  take: () => {
    const event = take();
    return event === undefined ? undefined : { ...event, gaps: 0 };
  },
  gaps: () => [],
}));

/** What is said after the first connection never leaves. */
const neverResubscribes = connected((connection) =>
  withHalves(connection, {
    sink: {
      send: (frame, options) =>
        connection.lifecycle.snapshot.epoch > 1
          ? Promise.resolve()
          : connection.sink.send(frame, options),
      close: (...args) => connection.sink.close(...args),
    },
  }),
);

const repeats = topic(({ take }) => {
  let last: ReturnType<typeof take>;
  let again = false;
  return {
    take: () => {
      again = !again;
      if (again || last === undefined) last = take();
      return last;
    },
  };
});

const neverStale = topic(({ state }) => ({
  state: {
    get snapshot() {
      return { ...state.snapshot, staleCount: 0 };
    },
  },
}));

/** It goes by what it has heard, not by what stands. */
const neverDown = topic(({ state }) => ({
  state: {
    get snapshot() {
      const { phase, ...rest } = state.snapshot;
      return { ...rest, phase: phase === "recovering" ? "live" : phase };
    },
  },
}));

const keepsCancelled = staged((stage) => ({ ...stage, cancelAnother: () => Promise.resolve() }));
const hangsOnShutdown = staged((stage) => ({
  ...stage,
  shutdown: () => new Promise<void>(() => undefined),
}));

const leavesTimer: Break = (feed) => ({
  ...feed,
  open: async (options) => {
    let cancel = (): void => undefined;
    const observe: StageOptions["observe"] = (platform) => {
      const runtime = options.observe(platform);
      cancel = runtime.timer.schedule(60_000, () => undefined);
      return runtime;
    };
    const stage = await feed.open({ ...options, observe });
    return {
      ...stage,
      close: () => {
        cancel();
        return stage.close();
      },
    };
  },
});

/** It passes a refusal off as an end. */
const swallowsFailures = topic(({ readable }) => ({
  readable: () => readable().catch(() => false),
}));

/** Make after break. */
const renewsByReconnect: Break = (feed) => {
  let current: ReconnectingConnection | undefined;
  const seen = connected((connection) => (current = connection));
  const renewed = staged((stage) => ({
    ...stage,
    renew: () => current?.trigger.forceReconnect("renewal"),
  }));
  return renewed(seen(feed));
};

/** What a venue asks for is not counted. */
class DeafGate extends AttemptGate {
  override block(): void {}
}

interface Defect {
  readonly what: string;
  readonly feed: FeedUnderTest;
  /** What has to fail, and with which words. */
  readonly fails: Readonly<Partial<Record<PropertyId, RegExp>>>;
}

const SHUTDOWNS = PROPERTIES.map(({ id }) => id).filter((id) => id.startsWith("shutdown-"));
const binance = binanceMarketFeed();
const coinbase = coinbaseMarketFeed();
/** Left out where the feed has no such situation. */
const shutdownsOf = ({ notApplicable }: FeedUnderTest): readonly PropertyId[] =>
  SHUTDOWNS.filter((id) => notApplicable[id] === undefined);
const all = (ids: readonly PropertyId[], words: RegExp): Defect["fails"] =>
  Object.fromEntries(ids.map((id) => [id, words]));

const DEFECTS: readonly Defect[] = [
  {
    what: "hides gaps",
    feed: hidesGaps(binance),
    fails: {
      reconnect: /missing/,
      "half-open": /missing/,
      // Not `mute`: the connection is replaced before the venue publishes again, so that nothing
      // need be missing. That property is failed by an adapter that never resubscribes.
      lag: /missing|no gap record/,
      "slow-consumer": /no gap record/,
    },
  },
  {
    what: "hides gaps, and its venue names no ids",
    feed: hidesGaps(coinbase),
    fails: {
      reconnect: /missing, and nothing says so/,
      lag: /missing|no gap record/,
      "slow-consumer": /no gap record/,
    },
  },
  {
    what: "never resubscribes",
    feed: neverResubscribes(binance),
    fails: all(["reconnect", "half-open", "mute"], /waited in vain/),
  },
  { what: "delivers twice", feed: repeats(coinbase), fails: { reconnect: /dropped|comes again/ } },
  {
    what: "is never stale",
    feed: neverStale(coinbase),
    fails: { "half-open": /never stale/, mute: /waited in vain for the topic to be stale/ },
  },
  {
    what: "is live whatever stands",
    feed: neverDown(coinbase),
    fails: { outage: /live without a connection/ },
  },
  {
    what: "restores what was cancelled",
    feed: keepsCancelled(coinbase),
    fails: { reconnect: /cancelled/, mute: /cancelled/ },
  },
  {
    what: "hangs on shutdown",
    feed: hangsOnShutdown(coinbase),
    fails: { "shutdown-live": /waited in vain for the shutdown/ },
  },
  {
    what: "leaves a timer behind",
    feed: leavesTimer(binance),
    fails: all(shutdownsOf(binance), /1 timers still run/),
  },
  {
    what: "leaves a timer behind when refused",
    feed: leavesTimer(coinbase),
    fails: all(["permanent-auth-failure", "shutdown-auth-refused"], /timers still run/),
  },
  {
    what: "passes a refusal off as an end",
    feed: swallowsFailures(coinbase),
    fails: { "permanent-auth-failure": /instead of an error/ },
  },
  {
    what: "renews by reconnecting",
    feed: renewsByReconnect(binance),
    fails: { "planned-renewal": /waited in vain for the topic on both connections/ },
  },
  {
    what: "knows no limits",
    feed: coinbaseMarketFeed({ budget: new MessageBudget({ max: 1_000, windowMs: 1 }) }),
    fails: { "limits-kept": /broken \d+ times/ },
  },
  {
    what: "comes back although it was told to stay away",
    feed: coinbaseMarketFeed({ gate: new DeafGate() }),
    fails: { "limits-respected": /instead of a second/ },
  },
];

const FAILURES = DEFECTS.flatMap(({ what, feed, fails }) => {
  const cases = venueConformance({ name: "broken", feeds: [feed] }, { patienceMs: PATIENCE_MS });
  return cases.flatMap(({ property, run }) => {
    const words = fails[property];
    return words === undefined ? [] : [{ what, property, run, words }];
  });
});

function failFor(failures: typeof FAILURES): void {
  it.for(failures)("that $what fails $property", { timeout: 90_000 }, async ({ run, words }) => {
    const outcome = await run();
    expect(outcome.kind).toBe("fails");
    expect(outcome).toMatchObject({ problem: expect.stringMatching(words) as string });
  });
}

describe.concurrent("an adapter", () =>
  failFor(FAILURES.filter(({ property }) => mayWaitTogether(property))));

describe("an adapter that is looked at alone", () =>
  failFor(FAILURES.filter(({ property }) => !mayWaitTogether(property))));

it("every property is failed by some defect", () => {
  const failed = new Set(DEFECTS.flatMap(({ fails }) => Object.keys(fails)));
  expect(PROPERTIES.map(({ id }) => id).filter((id) => !failed.has(id))).toEqual([]);
});

it("a venue that cannot even be started fails, and nothing hangs", async () => {
  const feed: FeedUnderTest = {
    name: "none",
    notApplicable: {},
    open: () => Promise.reject(new Error("no such venue")),
  };
  const [first] = venueConformance({ name: "none", feeds: [feed] });
  expect(await first!.run()).toEqual({ kind: "fails", problem: "no such venue" });
});
