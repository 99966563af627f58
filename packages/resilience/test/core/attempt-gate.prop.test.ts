import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import type { AttemptLimit, AttemptSlot } from "../../src/core/attempt-gate.js";

const URLS = ["wss://a.test/", "wss://b.test/", "wss://c.test:8443/"] as const;

const url = fc.constantFrom(...URLS);
const limit = fc.record({
  max: fc.integer({ min: 1, max: 5 }),
  windowMs: fc.integer({ min: 1, max: 100 }),
});
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ask" as const), url }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.integer({ min: 0, max: 60 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("leave" as const), url, which: fc.nat() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("block" as const),
      url,
      ms: fc.integer({ min: 0, max: 120 }),
    }),
  },
);

interface Place {
  slot: AttemptSlot;
  readonly ticket: number;
}

/**
 * The connections to one host: those who wait, those who went, and what the gate ought to have told
 * them.
 */
class Host {
  waiting: Place[] = [];
  readonly made: { readonly at: number; readonly ticket: number }[] = [];
  blockedUntil = Number.NEGATIVE_INFINITY;
  readonly #gate: AttemptGate;
  readonly #url: string;
  readonly #limit: AttemptLimit;
  #tickets = 0;

  constructor(gate: AttemptGate, url: string, limit: AttemptLimit) {
    this.#gate = gate;
    this.#url = url;
    this.#limit = limit;
  }

  get due(): number {
    return Math.min(...this.waiting.map(({ slot }) => slot.at));
  }

  ask(now: number): AttemptSlot {
    const slot = this.#gate.reserve(this.#url, this.#limit, now);
    this.waiting.push({ slot, ticket: this.#tickets++ });
    return slot;
  }

  leave(which: number): void {
    const [place] = this.waiting.splice(which % Math.max(1, this.waiting.length), 1);
    if (place !== undefined) this.#gate.release(this.#url, place.slot);
  }

  block(until: number): void {
    this.#gate.block(this.#url, until);
    this.blockedUntil = Math.max(this.blockedUntil, until);
  }

  /** Everybody whose time has come tries, in the order of their times. */
  comeForward(now: number): void {
    const due = this.waiting
      .filter(({ slot }) => slot.at <= now)
      .toSorted((a, b) => a.slot.at - b.slot.at);
    for (const place of due) {
      if (this.#gate.claim(this.#url, place.slot, this.#limit, now)) {
        this.waiting.splice(this.waiting.indexOf(place), 1);
        this.made.push({ at: now, ticket: place.ticket });
        expect(now).toBeGreaterThanOrEqual(this.blockedUntil);
        const inWindow = this.made.filter(({ at }) => at > now - this.#limit.windowMs);
        expect(inWindow.length).toBeLessThanOrEqual(this.#limit.max);
      } else {
        place.slot = this.#gate.reserve(this.#url, this.#limit, now);
      }
    }
  }

  /** The first moment that the limit, the penalty and those who wait leave free. */
  firstFree(now: number): number {
    const ahead = this.waiting.map(({ slot }) => slot.at);
    const times = [...this.made.map(({ at }) => at), ...ahead];
    let at = Math.max(now, this.blockedUntil, ...ahead);
    while (times.filter((time) => time > at - this.#limit.windowMs).length >= this.#limit.max) at++;
    return at;
  }
}

function hosts(gate: AttemptGate, given: AttemptLimit): Map<string, Host> {
  return new Map(URLS.map((one) => [one, new Host(gate, one, given)]));
}

/** Lets time pass in steps from one due slot to the next. */
function punctually(all: readonly Host[], from: number, until: number): void {
  let now = from;
  for (let turns = 0; turns < 10_000; turns++) {
    now = Math.max(now, Math.min(...all.map(({ due }) => due)));
    if (now > until) return;
    for (const host of all) host.comeForward(now);
  }
  throw new Error("the waiting never ends");
}

describe("AttemptGate, for any sequence of attempts, withdrawals, penalties and waits", () => {
  it("gives each the first moment that is free, and with punctual timers it can be used then", () => {
    fc.assert(
      fc.property(limit, fc.array(action, { maxLength: 80 }), (given, actions) => {
        const all = hosts(new AttemptGate(), given);
        let now = 0;
        for (const one of actions) {
          if (one.kind === "wait") {
            punctually(Array.from(all.values()), now, now + one.ms);
            now += one.ms;
            continue;
          }
          const host = all.get(one.url)!;
          if (one.kind === "ask") {
            const expected = host.firstFree(now);
            expect(host.ask(now).at).toBe(expected);
          } else if (one.kind === "leave") host.leave(one.which);
          else host.block(now + one.ms);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("serves those who wait in the order in which they asked, as long as no penalty comes between", () => {
    const peaceful = fc.array(
      action.filter(({ kind }) => kind !== "block"),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(limit, peaceful, (given, actions) => {
        const all = hosts(new AttemptGate(), given);
        let now = 0;
        for (const one of actions) {
          if (one.kind === "wait") {
            punctually(Array.from(all.values()), now, now + one.ms);
            now += one.ms;
          } else if (one.kind === "ask") all.get(one.url)?.ask(now);
          else if (one.kind === "leave") all.get(one.url)?.leave(one.which);
        }
        for (const { made } of all.values()) {
          const tickets = made.map(({ ticket }) => ticket);
          expect(tickets).toEqual(tickets.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the limit and every penalty also when everybody is late, and lets everybody through in the end", () => {
    fc.assert(
      fc.property(limit, fc.array(action, { maxLength: 80 }), (given, actions) => {
        const all = hosts(new AttemptGate(), given);
        let now = 0;
        for (const one of actions) {
          if (one.kind === "wait") {
            now += one.ms;
            for (const host of all.values()) host.comeForward(now);
            continue;
          }
          const host = all.get(one.url)!;
          if (one.kind === "ask") host.ask(now);
          else if (one.kind === "leave") host.leave(one.which);
          else host.block(now + one.ms);
        }
        punctually(Array.from(all.values()), now, Number.MAX_SAFE_INTEGER);
        for (const { waiting } of all.values()) expect(waiting).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
