// Faults of our own that the simulations have to find. Each replaces pieces of the sources; each
// piece stands there exactly once, or the command and its test say that the fault is out of date.
import { ACCOUNTS } from "./accounts.js";
import { MENDED } from "./mended.js";
import { RELAYED } from "./relayed.js";

const RESILIENCE = "packages/resilience/src";
const KIT = "packages/venue-kit/src";

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} what what is wrong once it is planted
 * @property {"client" | "gate" | "binance" | "coinbase" | "ibkr" | "accounts" | "relay"} half
 *   which simulation looks for it
 * @property {readonly { readonly file: string, readonly find: string, readonly put: string }[]}
 *   changes
 * @property {{ readonly file: string, readonly test: string }} [mended] of a fault that the project
 *   had: the file of its regression test, and the name of the case
 * @property {readonly string[]} [unfound] why no simulation finds it, in lines; absent when one
 *   does
 */

/** @type {readonly Fault[]} */
export const FAULTS = [
  {
    name: "lost-wake-up",
    what: "A reader that waits is woken by the second frame only.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/primitives/read-half.ts`,
        find: "const isAwaited = this.#waiter !== undefined && this.#store.size > 0;",
        put: "const isAwaited = this.#waiter !== undefined && this.#store.size > 1;",
      },
    ],
  },
  {
    name: "promotion-without-confirmation",
    what: "A connection is up although the server did not confirm the key of the upgrade.",
    half: "client",
    changes: [
      {
        file: "packages/node/src/direct/upgrade-response.ts",
        find: "if (accept !== expected.accept) throw",
        put: 'if (accept === "" && expected.accept !== "") throw',
      },
    ],
  },
  {
    name: "wait-not-moved-by-sleep",
    what: "The deadline of a send is not moved by the sleep of the machine.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/send-expiry.ts`,
        find: "return this.#next - this.#elapsed.sleptMs;",
        put: "return this.#next;",
      },
    ],
  },
  {
    name: "loss-told-late",
    what: "A dropped frame is told of only together with the next one.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/receive-report.ts`,
        find: "if (totalLagged !== before.totalLagged) supervisor.lagged(",
        put: "if (totalLagged > before.totalLagged + 1) supervisor.lagged(",
      },
    ],
  },
  {
    name: "gap-told-late",
    what: "The record of a gap comes after the event behind it.",
    half: "binance",
    changes: [
      {
        file: `${KIT}/topic/topic.ts`,
        find: "for (const subscription of this.#subscriptions) subscription.note(record);",
        put:
          "for (const subscription of this.#subscriptions)\n" +
          "      this.#options.timer.schedule(50, () => subscription.note(record));",
      },
    ],
  },
  {
    name: "send-sent-twice",
    what: "A send is handed to the socket twice while more than three are in flight.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/send-queue.ts`,
        find: "connection.send(pending.frame, pending);",
        put:
          "connection.send(pending.frame, pending);\n" +
          "    if (this.#inFlight.size > 3) connection.send(pending.frame, pending);",
      },
    ],
  },
  {
    name: "order-sent-twice",
    what: "An order whose answer did not come is sent again.",
    half: "accounts",
    changes: [
      {
        file: `${KIT}/calls/order-calls.ts`,
        find: "    const resolution = this.#search(clientId, flight, order);",
        put:
          "    void order.send({ forMs: this.#boundMs, tell: () => undefined });\n" +
          "    const resolution = this.#search(clientId, flight, order);",
      },
    ],
  },
  {
    name: "pong-behind-data",
    what: "A pong waits while sends are in flight.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/send-queue.ts`,
        find: "if (this.#limit === undefined) return void leave();",
        put:
          "if (this.isWriting) return void this.#timer.schedule(50, () => this.pong(leave));\n" +
          "    if (this.#limit === undefined) return void leave();",
      },
    ],
  },
  {
    name: "pong-behind-limiter",
    what: "A pong waits for a slot of the send limit, as a send does.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/send-limit.ts`,
        find: "if (leave === undefined || now < this.#pongs.readyAt) return;",
        put:
          "if (leave === undefined || now < Math.max(this.#pongs.readyAt, this.readyAt)) " +
          "return;",
      },
      {
        file: `${RESILIENCE}/actor/send-limit.ts`,
        find: "return this.#pongs.readyAt;",
        put: "return Math.max(this.#pongs.readyAt, this.readyAt);",
      },
    ],
  },
  {
    name: "double-release",
    what: "A slot that was held is given back by its own attempt.",
    half: "gate",
    changes: [
      {
        file: `${RESILIENCE}/core/attempt-gate.ts`,
        find:
          "        ledger.log.add(attemptOf(ticket, now));\n" +
          "        plan(ledger, now, undefined);",
        put: "        plan(ledger, now, undefined);",
      },
    ],
  },
  {
    name: "lost-release",
    what: "A ticket that is not needed any more is forgotten without being given back.",
    half: "gate",
    changes: [
      {
        file: `${RESILIENCE}/core/gate-seat.ts`,
        find: "if (ticket !== undefined) this.#options.gate.release(",
        put: "if (ticket?.at === undefined && ticket !== undefined) this.#options.gate.release(",
      },
    ],
  },
  {
    name: "epoch-not-raised",
    what: "A resumed connection keeps the number of the epoch before.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/core/lifecycle-book.ts`,
        find: "          epoch: epoch + 1,",
        put: "          epoch: Math.min(2, epoch + 1),",
      },
    ],
  },
  {
    name: "seq-not-advanced",
    what: "A dropped frame does not keep its place in the stream.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/recv-buffer.ts`,
        find: "    this.#ring.push(stamped);",
        put:
          "    const { dropped } = this.#ring;\n" +
          "    this.#ring.push(stamped);\n" +
          "    if (this.#ring.dropped > dropped) this.#seq--;",
      },
    ],
  },
  {
    name: "fresh-although-older-waits",
    what: "A topic is fresh by what was read last, whatever waits behind it.",
    half: "binance",
    changes: [
      {
        file: `${KIT}/topic/topic-stream.ts`,
        find:
          "      this.#ageOf(handed.arrivedAt) <= maxAgeMs &&\n" +
          "      this.behindMs <= maxAgeMs\n",
        put: "      (this.waiting > 0 || this.#ageOf(handed.arrivedAt) <= maxAgeMs)\n",
      },
    ],
  },
  {
    name: "retry-after-ignored",
    what: "What a server says in Retry-After is not told to the gate.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/core/attempt-plan.ts`,
        find: "    endpoint.seat.block(until, now);\n",
        put: "",
      },
    ],
  },
  {
    name: "backoff-reset-on-open",
    what: "A connection that opened and was lost at once starts the backoff over.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/core/failure-policy.ts`,
        find: "    this.#upSince = now;\n",
        put: "    this.#upSince = now;\n    this.#rounds = 0;\n",
      },
    ],
  },
  {
    name: "send-survives-epoch",
    what: "A send that waited for the limit leaves in a later epoch.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/send-queue.ts`,
        find:
          "      this.#reject(pending, this.#failures.epochEnded(open.epoch, why));\n  }\n\n  " +
          "/** The connection is gone",
        put:
          '      if (why === "") this.#reject(pending, this.#failures.epochEnded(open.epoch, ' +
          "why));\n  }\n\n  /** The connection is gone",
      },
    ],
  },
  {
    name: "send-limit-off-by-one",
    what: "One send more than allowed leaves in a window.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/send-limit.ts`,
        find: "this.#window = new RollingWindow(max, windowMs, slack);",
        put: "this.#window = new RollingWindow(max + 1, windowMs, slack);",
      },
    ],
  },
  {
    name: "stale-not-cleared",
    what: "A connection that is heard again stays stale.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/core/supervisor-table.ts`,
        find: '    alive: to("up"),\n',
        put: "    alive: IGNORE,\n",
      },
    ],
  },
  {
    name: "probe-never-sent",
    what: "A silent peer is not asked whether it is there.",
    half: "client",
    changes: [
      {
        file: `${RESILIENCE}/actor/silence.ts`,
        find: "if (this.#outbound.ping(now)) this.#trace(",
        put: "if (silentMs < 0 && this.#outbound.ping(now)) this.#trace(",
      },
    ],
  },
  {
    name: "topic-live-unconfirmed",
    what: "A topic is live although the venue's answer does not list it.",
    half: "coinbase",
    changes: [
      {
        file: "packages/venue-coinbase/src/feed/dialect.ts",
        find: "    if (left.length === 0) {\n      inbox.confirmed(id);",
        put: "    if (left.length >= 0) {\n      inbox.confirmed(id);",
      },
    ],
  },
  {
    name: "book-misses-an-update",
    what: "A book leaves out one update in fifty.",
    half: "binance",
    changes: [
      {
        file: `${KIT}/book/book-writer.ts`,
        find: '    this.#put(new BookWork({ kind: "changes", changes }));',
        put:
          "    if (Number(changes.updateId) % 50 === 0) return;\n" +
          '    this.#put(new BookWork({ kind: "changes", changes }));',
      },
    ],
  },
  {
    name: "account-live-unreconciled",
    what: "An account is live as soon as its stream flows, before the venue was asked for it.",
    half: "accounts",
    changes: [
      {
        file: `${KIT}/recovery/reconciled-stream.ts`,
        find:
          "    this.#gate.recover(this.#options.subscription.state.snapshot.epoch, reason);\n  " +
          "}\n\n  async",
        put:
          "    this.#gate.recover(this.#options.subscription.state.snapshot.epoch, reason);\n" +
          "    this.#enter(this.#options.subscription.state.snapshot);\n  }\n\n  async",
      },
    ],
  },
  {
    name: "subscription-forgotten",
    what: "A subscription that was under way when the connection ended is not asked for again.",
    half: "binance",
    changes: [
      {
        file: `${KIT}/connection/subscription-registry.ts`,
        find:
          '      if (entry.standing !== "refused") entry.standing = "absent";\n      ' +
          "this.#review",
        put:
          '      if (entry.standing !== "refused" && entry.standing !== "asked")\n' +
          '        entry.standing = "absent";\n      this.#review',
      },
    ],
  },
  {
    name: "shutdown-leaves-timer",
    what: "The timer of the renewal goes on after the shutdown.",
    half: "binance",
    changes: [
      {
        file: `${KIT}/feed/shard.ts`,
        find: "    this.#timer.close();\n    await Promise.all",
        put: "    await Promise.all",
      },
      {
        file: `${KIT}/feed/shard.ts`,
        find: "    this.#timer.close();\n    for (const topic of Array",
        put: "    for (const topic of Array",
      },
    ],
  },
  ...ACCOUNTS,
  ...RELAYED,
  ...MENDED,
];
