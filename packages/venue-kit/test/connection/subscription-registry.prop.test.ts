import fc from "fast-check";
import { expect, it } from "vitest";
import { SubscriptionRegistry } from "@oath-ws/venue-kit";
import type { Command } from "@oath-ws/venue-kit";

const TOPICS = ["a", "b", "c", "d", "e", "f", "bad"];
const LIMITS = { maxTopics: 3, maxInFlight: 2 };

type Step =
  | { readonly kind: "want" | "unwant"; readonly topic: string }
  | { readonly kind: "answer" | "lose" | "give-up"; readonly pick: number }
  | { readonly kind: "late"; readonly pick: number }
  | { readonly kind: "epoch" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("want" as const), topic: fc.constantFrom(...TOPICS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("unwant" as const),
      topic: fc.constantFrom(...TOPICS),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("answer" as const), pick: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose" as const), pick: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("give-up" as const), pick: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("late" as const), pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "epoch" }) },
);

/**
 * A venue that carries commands out, refuses whatever names `bad`, and forgets everything with the
 * connection.
 */
class ModelVenue {
  readonly held = new Set<string>();
  readonly refused = new Set<string>();

  carryOut({ kind, topics }: Command): boolean {
    if (kind === "subscribe" && topics.includes("bad")) return false;
    for (const topic of topics) {
      if (kind === "subscribe") this.held.add(topic);
      else this.held.delete(topic);
    }
    return true;
  }
}

it("the registry brings the venue to what is wanted, within its limits, whatever is lost on the way", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const registry = new SubscriptionRegistry(LIMITS);
      const venue = new ModelVenue();
      const wanted = new Set<string>();
      let unanswered: Command[] = [];
      const answered: Command[] = [];
      const pump = (): void => {
        for (let command = registry.next(); command !== undefined; command = registry.next()) {
          expect(command.topics.length).toBeGreaterThan(0);
          expect(command.topics.length).toBeLessThanOrEqual(LIMITS.maxTopics);
          expect(new Set(command.topics).size).toBe(command.topics.length);
          if (command.kind === "subscribe")
            for (const topic of command.topics) expect(wanted.has(topic)).toBe(true);
          unanswered.push(command);
          expect(unanswered.length).toBeLessThanOrEqual(LIMITS.maxInFlight);
        }
      };
      const answer = (command: Command | undefined): void => {
        if (command === undefined) return;
        unanswered = unanswered.filter((one) => one !== command);
        answered.push(command);
        if (venue.carryOut(command)) registry.confirm(command.id);
        else registry.refuse(command.id);
      };
      for (const move of steps) {
        switch (move.kind) {
          case "want":
            wanted.add(move.topic);
            registry.want(move.topic);
            break;
          case "unwant":
            wanted.delete(move.topic);
            registry.unwant(move.topic);
            break;
          case "answer":
            answer(unanswered[move.pick % Math.max(1, unanswered.length)]);
            break;
          case "lose": {
            // Carried out, but the answer is lost.
            const command = unanswered[move.pick % Math.max(1, unanswered.length)];
            if (command === undefined) break;
            unanswered = unanswered.filter((one) => one !== command);
            venue.carryOut(command);
            registry.giveUp(command.id);
            break;
          }
          case "give-up": {
            // Never arrived.
            const command = unanswered[move.pick % Math.max(1, unanswered.length)];
            if (command === undefined) break;
            unanswered = unanswered.filter((one) => one !== command);
            registry.giveUp(command.id);
            break;
          }
          case "late": {
            const command = answered[move.pick % Math.max(1, answered.length)];
            if (command !== undefined) registry.confirm(command.id);
            break;
          }
          case "epoch":
            unanswered = [];
            venue.held.clear();
            registry.beginEpoch();
            break;
        }
        pump();
      }
      for (let round = 0; round < 200 && unanswered.length > 0; round++) {
        answer(unanswered[0]);
        pump();
      }
      wanted.delete("bad");
      expect(registry.isSettled).toBe(true);
      expect([...venue.held].toSorted()).toEqual([...wanted].toSorted());
      for (const topic of wanted) expect(registry.isHeld(topic)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

it("the registry subscribes in a new epoch what is wanted then, and nothing cancelled in the outage", () => {
  const registry = new SubscriptionRegistry(LIMITS);
  for (const topic of ["a", "b", "c"]) registry.want(topic);
  registry.confirm(registry.next()?.id ?? 0);
  registry.unwant("b");
  registry.beginEpoch();
  expect(registry.next()).toMatchObject({ kind: "subscribe", topics: ["a", "c"] });
  expect(registry.next()).toBeUndefined();
});

it("the registry does not let a refused name take another with it", () => {
  const registry = new SubscriptionRegistry({ maxTopics: 8, maxInFlight: 1 });
  for (const topic of TOPICS) registry.want(topic);
  const refused: string[] = [];
  for (let command = registry.next(); command !== undefined; command = registry.next()) {
    if (command.topics.includes("bad")) {
      const topic = registry.refuse(command.id);
      if (topic !== undefined) refused.push(topic);
    } else {
      registry.confirm(command.id);
    }
  }
  expect(refused).toEqual(["bad"]);
  expect(TOPICS.filter((topic) => registry.isHeld(topic))).toEqual(
    TOPICS.filter((topic) => topic !== "bad"),
  );
});

it.each([
  ["a lost session", (registry: SubscriptionRegistry) => registry.drop(() => true)],
  ["a refusal for now", (registry: SubscriptionRegistry) => registry.withdraw("bad")],
  ["a new connection", (registry: SubscriptionRegistry) => registry.beginEpoch()],
])("the registry does not revive a topic that was refused for good with %s", (_, lose) => {
  const registry = new SubscriptionRegistry(LIMITS);
  registry.want("bad");
  registry.refuse(registry.next()?.id ?? 0);
  lose(registry);
  expect(registry.next()).toBeUndefined();
  expect(registry.isSettled).toBe(true);
});

it("the registry gives up of a command only what the venue has not answered for by itself", () => {
  const registry = new SubscriptionRegistry(LIMITS);
  for (const topic of ["a", "b"]) registry.want(topic);
  const id = registry.next()?.id ?? 0;
  expect(registry.refuseTopic("a")).toEqual([]);
  expect(registry.giveUp(id)?.topics).toEqual(["b"]);
  expect(registry.next()?.topics).toEqual(["b"]);
});

it("the registry sets aside what is not admitted, until it is told that this may have changed", () => {
  const registry = new SubscriptionRegistry(LIMITS);
  for (const topic of ["a", "b", "c"]) registry.want(topic);
  let looks = 0;
  const notA = (topic: string): boolean => {
    looks++;
    return topic !== "a";
  };
  expect(registry.next(notA)?.topics).toEqual(["b", "c"]);
  expect([registry.next(), registry.isSettled, looks]).toEqual([undefined, false, 3]);
  registry.readmit();
  expect(registry.next()?.topics).toEqual(["a"]);
});

it("the registry does not pass over what fits into no command again and again", () => {
  const registry = new SubscriptionRegistry({ maxTopics: 2, maxInFlight: 1_000 });
  for (let n = 0; n < 1_000; n++) registry.want(`t${n}`);
  for (let command = registry.next(); command !== undefined; command = registry.next())
    registry.confirm(command.id);
  for (let n = 0; n < 1_000; n += 100) registry.unwant(`t${n}`);
  for (let n = 0; n < 1_000; n++) registry.want(`u${n}`);
  let looks = 0;
  const count = (): boolean => ++looks > 0;
  for (let command = registry.next(count); command !== undefined; command = registry.next(count))
    registry.confirm(command.id);
  expect(registry.isSettled).toBe(true);
  expect(looks).toBeLessThan(10_000);
});
