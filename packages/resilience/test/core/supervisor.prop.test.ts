import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authFailure, failure } from "../support/failures.js";
import { SITUATIONS } from "../support/supervisor-situations.js";
import type { Situation } from "../support/supervisor-situations.js";
import { SINGLE, URLS } from "../support/supervisor-shape.js";
import type { Shape } from "../support/supervisor-shape.js";
import { SupervisorWorld } from "../support/supervisor-world.js";

/** More runs, or other ones: `SUPERVISOR_RUNS=20000 SUPERVISOR_SEED=7 vitest run ...` */
const { SUPERVISOR_RUNS, SUPERVISOR_SEED } = process.env;
const RUNS = Number(SUPERVISOR_RUNS ?? 250);
const SEED = Number(SUPERVISOR_SEED ?? 20_260_101);

/** The world is its own model: it keeps the books that the supervisor is compared with. */
type Model = object;
type Step = fc.Command<Model, SupervisorWorld>;

function command(
  name: string,
  possible: (world: SupervisorWorld) => boolean,
  run: (world: SupervisorWorld) => void,
): Step {
  return {
    check: () => true,
    run: (_, world) => {
      if (possible(world)) run(world);
    },
    toString: () => name,
  };
}

const always = () => true;
/**
 * An attempt is under way, or it was only a matter of waiting for it: most inputs would find
 * nothing to do otherwise.
 */
const dialing = (world: SupervisorWorld) => {
  for (let i = 0; i < 3 && !world.finished; i++) {
    if (world.place === "asking") world.list(world.dials.length);
    else if (world.place === "nothing") world.wait(untilDue(world));
  }
  return world.place === "dialing";
};
const open = (world: SupervisorWorld) => world.place === "open";

const opened = command("opened", dialing, (world) => world.opened());
const refused = command("refused", dialing, (world) => world.failAttempt(failure()));
const unauthorised = command("401", dialing, (world) => world.failAttempt(authFailure()));
const notFound = command("404", dialing, (world) => world.failAttempt(failure({ status: 404 })));

function throttled(retryAfterMs: number): Step {
  const error = { kind: "throttled", status: 429, retryAfterMs } as const;
  return command(`429, retry after ${retryAfterMs}`, dialing, (world) =>
    world.failAttempt(failure(error)),
  );
}

const lost = command(
  "lost",
  (world) => world.hasSocket,
  (world) => world.fail(failure({ code: "SOCKET_LOST" })),
);
const silent = command("silent", open, (world) => world.give({ kind: "silent" }));
const alive = command("alive", open, (world) => world.give({ kind: "alive" }));
const lagged = command("lagged", always, (world) => world.lagged(2));
const force = command("force", always, (world) => world.give({ kind: "force", reason: undefined }));
const data = command("data", open, (world) => world.data());
/** Makes it likely that the reconnect has to wait: the gate is full. */
const forceBehindOthers = command("force behind others", open, (world) => {
  for (let i = 0; i < 2; i++) world.neighbour(true);
  world.give({ kind: "force", reason: undefined });
});
const neighbour = command("neighbour", always, (world) => world.neighbour(true));
const newNeighbour = command("new neighbour", always, (world) => world.neighbour(false));
const crash = command("crash", always, (world) =>
  world.give({ kind: "crash", error: failure({ code: "INTERNAL" }) }),
);
const anyUrl = fc.constantFrom(URLS[0], ...URLS);
const blocked = fc
  .tuple(fc.integer({ min: 0, max: 3_000 }), anyUrl)
  .map(([ms, url]) => command(`block(${ms}, ${url})`, always, (world) => world.block(ms, url)));
const neighbourElsewhere = anyUrl.map((url) =>
  command(`neighbour(${url})`, always, (world) => world.neighbour(true, url)),
);
const asking = (world: SupervisorWorld) => world.place === "asking";
const listed = fc
  .nat({ max: 2 })
  .map((from) => command(`listed(${from})`, asking, (world) => world.list(from)));
const sourceFails = command("source fails", asking, (world) => world.failSource(failure()));
/** Waits until a trial is under way, as far as one can be. */
const trying = (world: SupervisorWorld) => {
  for (let i = 0; i < 4 && world.place === "open" && !world.trying; i++)
    world.wait(Math.min(untilDue(world), 10_000));
  return world.trying;
};
const trialOpened = command("trial opened", trying, (world) => world.trialOpened());
const trialBegins = command("trial begins", trying, () => undefined);
const trialFails = fc
  .option(fc.integer({ min: 1, max: 4_000 }), { nil: undefined })
  .map((retryAfterMs) =>
    command("trial fails", trying, (world) => world.failTrial(failure({ retryAfterMs }))),
  );
const trialBesideSilence = command("trial beside silence", trying, (world) => {
  world.give({ kind: "silent" });
  world.trialOpened();
});
/** Away from the first endpoint, for long enough to have proved itself, and then lost. */
const lostAway = command("lost away", open, (world) => {
  world.wait(1_500);
  lost.run({}, world);
});
/** Keeps being refused until it gives up, or for long. */
const refusedForLong = command("refused for long", always, (world) => {
  for (let i = 0; i < 60 && !world.finished; i++) unauthorised.run({}, world);
});
const gone = command(
  "gone",
  (world) => ["closing", "leaving", "parting"].includes(world.place),
  (world) => world.give({ kind: "gone" }),
);

function shutdown(timeoutMs: number): Step {
  return command(`shutdown(${timeoutMs})`, always, (world) =>
    world.give({ kind: "shutdown", timeoutMs }),
  );
}

/** Ends that short lives hardly ever come to. */
const endsInTheMidst: readonly Step[] = [
  command("shut down while parting", trying, (world) => {
    world.trialOpened();
    world.give({ kind: "shutdown", timeoutMs: 100 });
  }),
  command("crash while a reconnect waits", open, (world) => {
    forceBehindOthers.run({}, world);
    world.give({ kind: "crash", error: failure({ code: "INTERNAL" }) });
  }),
];

function wait(ms: number): Step {
  return command(`wait(${ms})`, always, (world) => world.wait(ms));
}

function stall(ms: number): Step {
  return command(`stall(${ms})`, always, (world) => world.stall(ms));
}

/** Waits for what is due next; `lateMs` longer in a process that is stalled. */
const soon = command("soon", always, (world) => world.wait(untilDue(world)));

function late(lateMs: number): Step {
  return command(`late(${lateMs})`, always, (world) => world.stall(untilDue(world) + lateMs));
}

function untilDue(world: SupervisorWorld): number {
  return Math.max(0, (world.deadline ?? world.now) - world.now);
}

const ms = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 5_000 }));

/** What a feed lives through; the first entries are the most frequent. */
const LIFE: fc.Arbitrary<Step>[] = [
  fc.constant(soon),
  fc.constant(soon),
  ms.map(wait),
  fc.constant(opened),
  fc.constant(opened),
  fc.constantFrom(refused, refused, unauthorised, notFound),
  fc.constant(lost),
  fc.constantFrom(silent, alive),
  fc.constant(force),
  fc.constant(forceBehindOthers),
  fc.constantFrom(neighbour, newNeighbour),
  fc.constant(gone),
  blocked,
  fc.constant(data),
  fc.constant(lagged),
  fc.integer({ min: 0, max: 4_000 }).map(throttled),
];
/** What comes to it with several endpoints or a source. */
const ENDPOINTS: fc.Arbitrary<Step>[] = [
  neighbourElsewhere,
  listed,
  fc.constantFrom(sourceFails, lostAway),
  fc.constantFrom(trialOpened, trialBegins, trialBesideSilence),
  trialFails,
];
const shapes: fc.Arbitrary<Shape> = fc.record({
  endpoints: fc.constantFrom(1, 2, 3, 3),
  returns: fc.boolean(),
  hasSource: fc.constantFrom(false, false, true),
});
/** Rare, so that most lives are long. */
const ENDING: fc.Arbitrary<Step>[] = [
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(opened) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 500 }).map(shutdown) },
    { weight: 1, arbitrary: fc.constantFrom(crash, refusedForLong, ...endsInTheMidst) },
  ),
];
/** A process that is mostly stalled, and a user who forces a reconnect when it comes to itself. */
const LATE: fc.Arbitrary<Step>[] = [ms.map(late), ms.map(late), ms.map(stall), fc.constant(force)];

/** Sixteenths, so that sums of times are exact and a window can be compared to the last bit. */
const sixteenths = fc.integer({ min: 0, max: 15 }).map((n) => n / 16);
const draws = fc.array(sixteenths, { minLength: 1, maxLength: 8 });

function live(
  steps: Iterable<Step>,
  random: readonly number[],
  shape: Shape = SINGLE,
  seen?: Set<Situation>,
): SupervisorWorld {
  const world = new SupervisorWorld(random, seen, shape);
  world.check();
  fc.modelRun(() => {
    world.start();
    return { model: {}, real: world };
  }, steps);
  return world;
}

/** From wherever it is, with a server that answers: it must be up after finitely many steps. */
function recover(world: SupervisorWorld): void {
  const isOnTheWay = () => ["asking", "nothing", "leaving", "parting"].includes(world.place);
  for (let i = 0; i < 20 && isOnTheWay(); i++) {
    if (world.place === "asking") world.list(i);
    else world.wait(untilDue(world));
  }
  opened.run({}, world);
}

describe("Supervisor, for any legal inputs at any times", () => {
  it("keeps one socket at most, its books, the gate's limit, and a way on, in every situation", () => {
    const seen = new Set<Situation>();
    fc.assert(
      fc.property(
        fc.commands([...LIFE, ...ENDPOINTS, ...ENDING], { maxCommands: 120, size: "max" }),
        draws,
        fc.oneof({ weight: 1, arbitrary: fc.constant(SINGLE) }, { weight: 2, arbitrary: shapes }),
        (steps, random, shape) => {
          live(steps, random, shape, seen);
        },
      ),
      // One seed, so that the situations are reached in every run; the others are random.
      { numRuns: RUNS, seed: SEED },
    );
    expect(SITUATIONS.filter((situation) => !seen.has(situation))).toEqual([]);
  }, 120_000);

  it("comes up again as soon as the server lets it, unless it was ended or has given up", () => {
    fc.assert(
      fc.property(
        fc.commands([...LIFE, ...ENDPOINTS], { maxCommands: 80, size: "max" }),
        draws,
        shapes,
        (steps, random, shape) => {
          const world = live(steps, random, shape);
          if (world.finished) return;
          recover(world);
          expect(world.place).toBe("open");
        },
      ),
      { numRuns: 40 },
    );
  });

  it("ends within the time that shutdown was given, whatever happens meanwhile", () => {
    const before = fc.commands([...LIFE, ...ENDPOINTS], { maxCommands: 40, size: "max" });
    const after = fc.array(fc.oneof(...LIFE, ...ENDPOINTS), { maxLength: 10 });
    fc.assert(
      fc.property(
        before,
        after,
        fc.integer({ min: 0, max: 500 }),
        draws,
        shapes,
        (steps, more, timeoutMs, random, shape) => {
          const world = live(steps, random, shape);
          const until = world.now + timeoutMs;
          shutdown(timeoutMs).run({}, world);
          for (const step of more) step.run({}, world);
          world.wait(Math.max(0, until - world.now));
          expect(world.finished).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("keeps all of that, the gate's limit included, in a process that stalls and whose timers are late", () => {
    fc.assert(
      fc.property(
        fc.commands([...LIFE, ...ENDPOINTS, ...LATE], { maxCommands: 120, size: "max" }),
        draws,
        shapes,
        (steps, random, shape) => {
          live(steps, random, shape);
        },
      ),
      { numRuns: 50 },
    );
  });
});
