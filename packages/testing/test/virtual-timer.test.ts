import { describe, expect, it } from "vitest";
import { VirtualTimer } from "../src/virtual-timer.js";

function recorder(timer: VirtualTimer): {
  readonly log: string[];
  note: (name: string) => () => void;
} {
  const log: string[] = [];
  return { log, note: (name) => () => log.push(`${name}@${timer.now()}`) };
}

describe("VirtualTimer", () => {
  it("fires in the order of deadlines, each at its own time, and never before", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.schedule(20, note("late"));
    timer.schedule(10, note("early"));
    timer.schedule(10.5, note("fraction"));
    timer.advance(10);
    expect(log).toEqual(["early@10"]);
    timer.advance(10);
    expect(log).toEqual(["early@10", "fraction@10.5", "late@20"]);
    expect(timer.now()).toBe(20);
  });

  it("fires equal deadlines in the order of scheduling", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    for (const name of ["a", "b", "c"]) timer.schedule(5, note(name));
    timer.advance(5);
    expect(log).toEqual(["a@5", "b@5", "c@5"]);
  });

  it("never fires synchronously, also with no delay", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.schedule(0, note("now"));
    expect(log).toEqual([]);
    timer.advance(0);
    expect(log).toEqual(["now@0"]);
  });

  it("fires what a callback schedules, within the same call", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    const again = (): void => {
      note("tick")();
      timer.schedule(10, again);
    };
    timer.schedule(10, again);
    timer.advance(35);
    expect(log).toEqual(["tick@10", "tick@20", "tick@30"]);
    expect(timer.now()).toBe(35);
    expect(timer.nextDeadline).toBe(40);
    expect(timer.pendingCount).toBe(1);
  });

  it("fires nothing that was cancelled, also from a callback of the same instant", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.schedule(5, () => cancel());
    const cancel = timer.schedule(5, note("cancelled"));
    const cancelFired = timer.schedule(5, note("fired"));
    timer.advance(5);
    cancelFired();
    cancel();
    expect(log).toEqual(["fired@5"]);
    expect(timer.pendingCount).toBe(0);
    expect(timer.nextDeadline).toBeUndefined();
  });

  it("starts its clocks where it is told, and moves them together", () => {
    const timer = new VirtualTimer({ nowMs: 500, wallNowMs: 1_000_000 });
    timer.advance(250);
    expect([timer.now(), timer.wallNow()]).toEqual([750, 1_000_250]);
    timer.advanceTo(1000);
    expect([timer.now(), timer.wallNow()]).toEqual([1000, 1_000_500]);
  });

  it("jumps the wall clock alone while the machine sleeps or the clock is set", () => {
    const timer = new VirtualTimer({ wallNowMs: 0 });
    const { log, note } = recorder(timer);
    timer.schedule(10, note("timer"));
    timer.sleep(60_000);
    expect([timer.now(), timer.wallNow(), log.length]).toEqual([0, 60_000, 0]);
    timer.stepWall(-90_000);
    expect([timer.now(), timer.wallNow()]).toEqual([0, -30_000]);
    timer.advance(10);
    expect(log).toEqual(["timer@10"]);
  });

  it("fires late, all at the end, after a stall, and timers before arrivals", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.scheduleArrival(10, note("frame"));
    timer.schedule(20, note("watchdog"));
    timer.schedule(30, note("second watchdog"));
    timer.stall(1000);
    expect(log).toEqual(["watchdog@1000", "second watchdog@1000", "frame@1000"]);
  });

  it("lets arrivals in before what a late timer schedules for now", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.schedule(20, () => {
      note("watchdog")();
      timer.schedule(0, note("second look"));
    });
    timer.scheduleArrival(10, note("frame"));
    timer.stall(1000);
    expect(log).toEqual(["watchdog@1000", "frame@1000", "second look@1000"]);
  });

  it("keeps deadlines in order between timers and arrivals while nothing is late", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.scheduleArrival(10, note("frame"));
    timer.schedule(20, note("timer"));
    timer.scheduleArrival(20, note("second frame"));
    timer.scheduleArrival(30, note("third frame"));
    timer.advance(100);
    expect(log).toEqual(["frame@10", "timer@20", "second frame@20", "third frame@30"]);
  });

  it("lets a callback burn time, which makes others late", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.schedule(10, () => timer.block(100));
    timer.schedule(20, note("late"));
    timer.advance(20);
    expect(log).toEqual(["late@110"]);
    expect(timer.now()).toBe(110);
  });

  it("does not lose the others when a callback throws", () => {
    const timer = new VirtualTimer();
    const { log, note } = recorder(timer);
    timer.schedule(10, () => {
      throw new Error("broken callback");
    });
    timer.schedule(10, note("next"));
    expect(() => timer.advance(50)).toThrow("broken callback");
    expect(timer.now()).toBe(10);
    timer.advance(40);
    expect(log).toEqual(["next@10"]);
  });

  it("reports a loop that takes no time", () => {
    const timer = new VirtualTimer();
    const again = (): void => {
      timer.schedule(0, again);
    };
    again();
    expect(() => timer.advance(1)).toThrow(/livelock.*t=0/);
  });

  it("takes any number of callbacks at one instant for what it is", () => {
    const timer = new VirtualTimer();
    let fired = 0;
    for (let count = 0; count < 150_000; count++) timer.schedule(10, () => fired++);
    timer.advance(10);
    expect(fired).toBe(150_000);
  });

  it("refuses to be moved from inside a callback", () => {
    const timer = new VirtualTimer();
    timer.schedule(1, () => timer.advance(1));
    expect(() => timer.advance(5)).toThrow("must not move the time");
  });

  it("refuses times that make no sense", () => {
    const timer = new VirtualTimer({ nowMs: 10 });
    for (const delay of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => timer.schedule(delay, () => {})).toThrow(RangeError);
      expect(() => timer.advance(delay)).toThrow(RangeError);
      expect(() => timer.block(delay)).toThrow(RangeError);
      expect(() => timer.sleep(delay)).toThrow(RangeError);
    }
    expect(() => timer.advanceTo(9)).toThrow(RangeError);
    expect(() => timer.stepWall(Number.NaN)).toThrow(RangeError);
    expect(() => new VirtualTimer({ nowMs: Number.NaN })).toThrow(RangeError);
    expect(timer.pendingCount).toBe(0);
  });
});
