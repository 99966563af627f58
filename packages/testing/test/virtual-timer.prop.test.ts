import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualTimer } from "../src/virtual-timer.js";

type Op =
  | { readonly kind: "schedule"; readonly delay: number; readonly arrival: boolean }
  | { readonly kind: "cancel"; readonly which: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "sleep"; readonly ms: number };

const ms = fc.nat(50);
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("schedule" as const),
      delay: ms,
      arrival: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(200) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const), ms }) },
  fc.record({ kind: fc.constant("stall" as const), ms }),
  fc.record({ kind: fc.constant("sleep" as const), ms }),
);

interface Planned {
  readonly deadline: number;
  readonly cancel: () => void;
  cancelled: boolean;
  firedAt: number | undefined;
}

/**
 * Applies the operations, checking at every callback that it is not early, not cancelled and not a
 * second time.
 */
function play(ops: readonly Op[]): {
  readonly timer: VirtualTimer;
  readonly planned: Planned[];
  readonly trail: string;
} {
  const timer = new VirtualTimer({ nowMs: 0, wallNowMs: 0 });
  const planned: Planned[] = [];
  const trail: string[] = [];
  let slept = 0;
  for (const op of ops) {
    switch (op.kind) {
      case "schedule": {
        const index = planned.length;
        const fire = (): void => {
          const self = planned[index]!;
          expect(self.firedAt).toBeUndefined();
          expect(self.cancelled).toBe(false);
          expect(timer.now()).toBeGreaterThanOrEqual(self.deadline);
          self.firedAt = timer.now();
          trail.push(`${index}@${timer.now()}`);
        };
        const cancel = op.arrival
          ? timer.scheduleArrival(op.delay, fire)
          : timer.schedule(op.delay, fire);
        planned.push({
          deadline: timer.now() + op.delay,
          cancel,
          cancelled: false,
          firedAt: undefined,
        });
        break;
      }
      case "cancel": {
        const victim = planned[op.which % Math.max(1, planned.length)];
        victim?.cancel();
        if (victim !== undefined && victim.firedAt === undefined) victim.cancelled = true;
        break;
      }
      case "advance":
        timer.advance(op.ms);
        break;
      case "stall":
        timer.stall(op.ms);
        break;
      case "sleep":
        timer.sleep(op.ms);
        slept += op.ms;
        break;
      default:
        op satisfies never;
    }
    expect(timer.wallNow()).toBe(timer.now() + slept);
  }
  return { timer, planned, trail: trail.join() };
}

describe("VirtualTimer, any sequence of operations", () => {
  it("fires everything that is due, once, never early, and nothing that was cancelled", () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 120 }), (ops) => {
        const { timer, planned } = play(ops);
        const waiting = planned.filter(
          ({ cancelled, firedAt }) => !cancelled && firedAt === undefined,
        );
        expect(timer.pendingCount).toBe(waiting.length);
        const deadlines = waiting.map(({ deadline }) => deadline);
        expect(timer.nextDeadline).toBe(
          deadlines.length === 0 ? undefined : Math.min(...deadlines),
        );
        for (const deadline of deadlines) expect(deadline).toBeGreaterThan(timer.now() - 1e-9);
        timer.advance(1000);
        expect(timer.pendingCount).toBe(0);
        expect(
          planned.every(({ cancelled, firedAt }) => cancelled !== (firedAt !== undefined)),
        ).toBe(true);
      }),
    );
  });

  it("fires exactly at the deadline, in order, while nothing stalls", () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 120 }), (ops) => {
        const { planned, trail } = play(ops.filter(({ kind }) => kind !== "stall"));
        const fired = planned.filter(({ firedAt }) => firedAt !== undefined);
        for (const { deadline, firedAt } of fired) expect(firedAt).toBe(deadline);
        const times =
          trail === "" ? [] : trail.split(",").map((item) => Number(item.split("@")[1]));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });

  it("does the same again", () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
        expect(play(ops).trail).toBe(play(ops).trail);
      }),
    );
  });
});
