import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import type { AttemptLimit, GateTicket } from "../../src/core/gate.js";
import { GateModel } from "../support/gate-model.js";
import type { ModelTicket } from "../support/gate-model.js";

const URL = "wss://a.test/";

const limits = fc.record({
  max: fc.integer({ min: 1, max: 8 }),
  windowMs: fc.integer({ min: 1, max: 60 }),
});
/** `proven` and `asked` give the three ranks; an asked one need not have stood. */
const ask = fc.record({
  kind: fc.constant("ask" as const),
  asked: fc.boolean(),
  proven: fc.boolean(),
});
const wait = fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 40 }) });
const leave = fc.record({ kind: fc.constantFrom("leave" as const, "raise"), which: fc.nat() });
const block = fc.record({
  kind: fc.constant("block" as const),
  ms: fc.integer({ min: 0, max: 80 }),
});
const action = fc.oneof(
  { weight: 8, arbitrary: ask },
  { weight: 4, arbitrary: wait },
  { weight: 2, arbitrary: leave },
  { weight: 1, arbitrary: block },
);
/** Often a crowd comes first: many wait, of every rank, and then time passes. */
const actions = fc
  .tuple(fc.array(ask, { maxLength: 30 }), fc.array(wait, { maxLength: 4 }))
  .chain((crowd) => fc.array(action, { maxLength: 60 }).map((rest) => [...crowd.flat(), ...rest]));
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** A waiting connection: its ticket, and what the gate told it. */
interface Place {
  readonly ticket: GateTicket;
  readonly model: ModelTicket;
  readonly told: { at: number | undefined };
}

/** The connections of one key over the real gate, beside the model of what the gate should do. */
class Queue {
  readonly gate = new AttemptGate();
  readonly model: GateModel;
  readonly made: { readonly at: number; readonly proven: boolean }[] = [];
  places: Place[] = [];
  now = 0;
  readonly #limit: AttemptLimit;
  #tickets = 0;

  constructor(limit: AttemptLimit) {
    this.#limit = limit;
    this.model = new GateModel(limit);
  }

  act(one: Exclude<Action, { kind: "wait" }>): void {
    if (one.kind === "ask") this.#ask(one.asked, one.proven);
    else if (one.kind === "block") {
      this.gate.block(URL, this.now + one.ms, this.now);
      this.model.blockedUntil = Math.max(this.model.blockedUntil, this.now + one.ms);
    } else {
      const place = this.places[one.which % Math.max(1, this.places.length)];
      if (place === undefined) return;
      if (one.kind === "raise") {
        this.gate.raise(place.ticket, place.model.proven ? Infinity : -Infinity, this.now);
        place.model.asked = false;
        place.told.at = place.ticket.at;
      } else this.#leave(place);
    }
    this.checkTold();
  }

  /** Every connection knows its time: it read it after its own call, or was told of the change. */
  checkTold(): void {
    for (const { ticket, told } of this.places) expect(told.at).toBe(ticket.at);
  }

  use(place: Place, how: "claim" | "hold"): boolean {
    const used = this.gate[how](place.ticket, this.now);
    place.told.at = place.ticket.at;
    return used;
  }

  went(place: Place): void {
    this.places = this.places.filter((one) => one !== place);
    this.made.push({ at: this.now, proven: place.model.proven });
    this.checkLimits();
  }

  checkLimits(): void {
    const { max, windowMs } = this.#limit;
    const recent = this.made.filter(({ at }) => at > this.now - windowMs);
    expect(recent.length).toBeLessThanOrEqual(max);
    const unproven = recent.filter(({ proven }) => !proven);
    expect(unproven.length).toBeLessThanOrEqual(max - Math.floor(max / 4));
  }

  #ask(asked: boolean, proven: boolean): void {
    const told: Place["told"] = { at: undefined };
    const provenUntil = proven ? Infinity : -Infinity;
    const request = { url: URL, limit: this.#limit, asked, provenUntil, now: this.now };
    const ticket = this.gate.reserve(request, (at) => (told.at = at));
    told.at = ticket.at;
    const model = { place: this.#tickets++, asked, proven };
    this.model.waiting.push(model);
    this.places.push({ ticket, model, told });
  }

  #leave(place: Place): void {
    this.gate.release(place.ticket, this.now);
    this.model.leave(place.model);
    this.places = this.places.filter((one) => one !== place);
  }
}

describe("AttemptGate, for any sequence of attempts, withdrawals, penalties and waits", () => {
  it("lets go exactly those whom the rules let go, at that moment, with punctual timers", () => {
    const seen = { turnsOfOthers: 0, waitedForProven: 0 };
    fc.assert(
      fc.property(limits, actions, (limit, steps) => {
        const queue = new Queue(limit);
        const moment = (): void => {
          for (let next = queue.model.next(queue.now); next; next = queue.model.next(queue.now)) {
            const place = queue.places.find(({ model }) => model === next)!;
            expect(place.ticket.at).toBeLessThanOrEqual(queue.now);
            expect(queue.use(place, "claim")).toBe(true);
            queue.went(place);
          }
          // No other waiter believes that it may go.
          for (const { ticket } of queue.places) expect(ticket.at).toBeGreaterThan(queue.now);
          if (queue.places.some(({ model }) => !model.asked && !model.proven))
            seen.waitedForProven++;
        };
        for (const one of steps) {
          if (one.kind !== "wait") queue.act(one);
          else for (let ms = 0; ms < one.ms; ms++, queue.now++) moment();
        }
        seen.turnsOfOthers += queue.model.turnsOfOthers;
      }),
      { numRuns: 300 },
    );
    // Sometimes: the situations that the rule is about were reached.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it("keeps the limits and every penalty also when timers are late, and lets everybody through in the end", () => {
    fc.assert(
      fc.property(
        limits,
        actions,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        (limit, steps, holds) => {
          const queue = new Queue(limit);
          let held: Place | undefined;
          let turn = 0;
          const comeForward = (): void => {
            // A held slot is used a while later, and counts from then on.
            if (held !== undefined && queue.use(held, "claim")) queue.went(held);
            held = undefined;
            for (const place of queue.places.filter(
              ({ ticket }) => (ticket.at ?? 0) <= queue.now,
            )) {
              const hold = held === undefined && holds[turn++ % holds.length] === true;
              const used = queue.use(place, hold ? "hold" : "claim");
              if (used && hold) held = place;
              else if (used) {
                expect(queue.now).toBeGreaterThanOrEqual(queue.model.blockedUntil);
                queue.went(place);
              }
            }
          };
          for (const one of steps) {
            if (one.kind !== "wait") queue.act(one);
            else {
              queue.now += one.ms;
              comeForward();
            }
          }
          for (let moments = 0; queue.places.length > 0; moments++) {
            expect(moments).toBeLessThan(1_000);
            const due = Math.min(...queue.places.map(({ ticket }) => ticket.at ?? 0));
            queue.now = Math.max(queue.now, due);
            comeForward();
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
