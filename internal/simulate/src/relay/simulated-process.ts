import type { Timer } from "@oath-ws/contract";
import type { VirtualHost } from "@oath-ws/testing";
import { CountedTimer } from "../wire/counted-timer.js";
import { FakeEngine } from "./fake/fake-engine.js";
import type { FakeServer } from "./fake/fake-engine.js";
import { FreezableTimer } from "./fake/freezable-timer.js";

/** One process on a machine of its own, with its client of the engine. */
export class SimulatedProcess {
  /** What runs in it; it stops when the process is killed. */
  readonly timer: Timer;
  readonly engine: FakeEngine;
  isAlive = true;
  readonly #counted: CountedTimer;
  readonly #killable: FreezableTimer;

  constructor(host: VirtualHost, server: FakeServer) {
    this.#killable = new FreezableTimer(host.timer);
    this.#counted = new CountedTimer({
      now: () => host.timer.now(),
      wallNow: () => host.timer.wallNow(),
      sleptMs: () => host.timer.sleptMs(),
      schedule: (ms, run) => this.#killable.schedule(ms, run),
      scheduleArrival: (ms, run) => host.timer.scheduleArrival(ms, run),
    });
    this.timer = this.#counted;
    this.engine = new FakeEngine(server, this.#killable);
  }

  get pending(): number {
    return this.#counted.pending;
  }

  get isLate(): boolean {
    return this.#counted.isLate;
  }

  /** SIGKILL. */
  kill(): void {
    this.isAlive = false;
    this.#killable.kill();
    void this.engine.close();
  }

  /** Lets something come from outside: late while the machine is held up, never once it is dead. */
  deliver(run: () => void): void {
    this.#killable.schedule(0, run);
  }
}
