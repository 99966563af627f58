// Faults that the project had and that were mended: planted again, the simulations find them.

const KIT = "packages/venue-kit/src";

/** @type {readonly import("./faults.js").Fault[]} */
export const MENDED = [
  {
    name: "mended-sleep-freshness",
    what: "What was read stays fresh while the machine sleeps.",
    half: "client",
    mended: {
      file: "packages/resilience/test/stack/freshness.test.ts",
      test: "is lost by a sleep of the machine, until something comes and is read",
    },
    changes: [
      {
        file: "packages/resilience/src/primitives/elapsed.ts",
        find: "    return now + this.#sleptMs;",
        put: "    return now;",
      },
    ],
  },
  {
    name: "mended-write-stall",
    what: "A peer that sends and does not read is never noticed.",
    half: "client",
    mended: {
      file: "packages/resilience/test/stack/write-stall.test.ts",
      test: "is noticed within writeStallMs and a probe, told in trace and cause, and left",
    },
    changes: [
      {
        file: "packages/resilience/src/actor/outbound.ts",
        find: 'if (writeStallMs === false || writes?.tick(now) !== "stalled") return undefined;',
        put:
          "const isMoving = writes === undefined || writes.tick(now) !== undefined;\n" +
          "    if (writeStallMs === false || isMoving) return undefined;",
      },
    ],
  },
  {
    name: "mended-account-lost-event",
    what: "An account stays live after an order event was lost on its way.",
    half: "accounts",
    mended: {
      file: "packages/venue-kit/test/recovery/reconciled-stream.test.ts",
      test: "has the account asked for its state at once, although nothing else happens to it",
    },
    changes: [
      {
        file: `${KIT}/recovery/reconciled-stream.ts`,
        find:
          'else if (now.breaks > before.breaks) this.#recover(isOwnLoss(lost) ? "lagged" : ' +
          '"reconnect");',
        put: "else if (now.breaks > before.breaks && isOwnLoss(lost)) this.#enter(now);",
      },
    ],
  },
  {
    name: "mended-refusal-ends-stream",
    what: "A refusal that passes ends the stream for good.",
    half: "coinbase",
    mended: {
      file: "packages/venue-coinbase/test/feed/dialect.test.ts",
      test: "of the rate put a command off, which the kit sends again",
    },
    changes: [
      {
        file: "packages/venue-coinbase/src/feed/venue-refusal.ts",
        find: 'rate: { kind: "throttled", code: "RATE_LIMITED", verdict: "notNow" },',
        put: 'rate: { kind: "throttled", code: "RATE_LIMITED", verdict: "never" },',
      },
    ],
  },
  {
    name: "mended-ghost-book",
    what: "A book is built from what an ended connection left behind.",
    half: "coinbase",
    mended: {
      file: "packages/venue-coinbase/test/virtual/outage.test.ts",
      test: "makes no book live",
    },
    changes: [
      {
        file: `${KIT}/book/keep-book.ts`,
        find: "if (event.isCurrent && event.epoch >= trusted) rule.event(event);",
        put: "if (event.epoch >= trusted) rule.event(event);",
      },
    ],
  },
  {
    name: "mended-book-after-loss",
    what: "A book of which an update may be lost stays live until the next one.",
    half: "binance",
    mended: {
      file: "packages/venue-binance/test/virtual/order-book.test.ts",
      test: "is not live from then on, and is built again when no update tells",
    },
    changes: [
      {
        file: `${KIT}/book/keep-book.ts`,
        find: "else if (now.breaks > before.breaks && flows(now)) rule.doubted?.();",
        put: "else if (now.breaks > before.breaks && !flows(now)) rule.doubted?.();",
      },
    ],
  },
  {
    name: "mended-session-lost-in-renewal",
    what: "A session that is lost during a renewal makes its topics live before the next login.",
    half: "accounts",
    mended: {
      file: "packages/venue-kit/test/feed-login.test.ts",
      test: "on both connections, while %s, makes nothing live before the next login",
    },
    changes: [
      {
        file: `${KIT}/connection/link.ts`,
        find:
          "        this.pump.drop(this.#admits);\n" +
          "        this.#owner.down(this, cause, this.#needsLogin);",
        put:
          "        this.#owner.down(this, cause, this.#needsLogin);\n" +
          "        this.pump.drop(this.#admits);",
      },
    ],
  },
  {
    name: "mended-session-unconfirmed",
    what: "Orders stay live while nothing may be asked of a gateway that has another session.",
    half: "accounts",
    mended: {
      file: "packages/venue-ibkr/test/virtual/penalty.test.ts",
      test: "are stale while a penalty box forbids to ask for the session, and live when it was",
    },
    changes: [
      {
        file: "packages/venue-ibkr/src/orders/order-stream.ts",
        find: "      this.#stream.doubt(doubt),",
        put: '      this.#stream.doubt(doubt?.code === "-" ? doubt : undefined),',
      },
    ],
  },
  {
    name: "mended-token-clock",
    what: "Tokens are made by our clock, also when the venue refuses them.",
    half: "accounts",
    mended: {
      file: "packages/venue-coinbase/test/sockets/user.test.ts",
      test: "comes all the same when our clock is off by %i ms, by the venue's own",
    },
    changes: [
      {
        file: "packages/venue-coinbase/src/auth/token-clock.ts",
        find: "    this.#isSure = false;\n    this.#comparing ??= this.#compare();",
        put:
          "    this.#isSure = true;\n    if (this.#isSure) return;\n" +
          "    this.#comparing ??= this.#compare();",
      },
    ],
  },
  {
    name: "mended-abandoned-request",
    what: "A request that was given up is taken for one that is not on its way any more.",
    half: "ibkr",
    mended: {
      file: "packages/venue-ibkr/test/rest/paces.prop.test.ts",
      test: "counts a request that was given up for as long again: it may still be on its way",
    },
    changes: [
      {
        file: "packages/venue-ibkr/src/rest/rest-client.ts",
        find: "this.#paces.ended(path, onWay.ms);",
        put: "this.#paces.ended(path, onWay.ms * 0);",
      },
    ],
  },
  {
    name: "mended-event-told-twice",
    what: "An event of an account that the venue sends twice is told twice.",
    half: "accounts",
    mended: {
      file: "packages/venue-binance/test/virtual/user-data.test.ts",
      test: "is delivered once when it reports an execution, also with others in between",
    },
    changes: [
      {
        file: "packages/venue-binance/src/user-data/repeated-events.ts",
        find: "    if (this.#reports.has(text)) return true;",
        put: '    if (this.#reports.has(text)) return text === "";',
      },
    ],
  },
  {
    name: "mended-relay-book-went-back",
    what: "A reader tells books again what came before its beginning, when the engine forgot.",
    half: "relay",
    mended: {
      file: "packages/relay/test/book.test.ts",
      test: "a relayed book does not go back when the engine forgets",
    },
    changes: [
      {
        file: "packages/relay/src/reader/intake.ts",
        find: "if (this.#seq >= this.#joinSeq) this.#joinSeq = 0;",
        put: "if (this.#seq < 0) this.#joinSeq = 0;",
      },
      {
        file: "packages/relay/src/reader/intake.ts",
        find: "    else this.#wantImages();\n",
        put: "",
      },
    ],
  },
  {
    name: "mended-relay-age-unknown",
    what: "What was stored before a reader began counts as young.",
    half: "relay",
    mended: {
      file: "packages/relay/test/relay.test.ts",
      test: "tells no age of what was stored before a new process began, and that of what comes",
    },
    changes: [
      {
        file: "packages/relay/src/reader/relay-clock.ts",
        find: "isAgeKnown: this.#isKnown };",
        put: "isAgeKnown: this.#isKnown || !Number.isNaN(at) };",
      },
    ],
  },
  {
    name: "mended-relay-backlog",
    what: "What waited in the engine while the machine slept counts as young.",
    half: "relay",
    mended: {
      file: "packages/relay/test/reader/relay-clock.test.ts",
      test: "an item tells its age when it waited in the engine while the machine slept",
    },
    changes: [
      {
        file: "packages/relay/src/reader/relay-clock.ts",
        find: "if (leastMs !== undefined && now - this.#heardAt > WINDOW_MS / 2)",
        put: "if (leastMs !== undefined && now < this.#heardAt)",
      },
    ],
  },
];
