/**
 * One run of several connections that share an attempt gate: of one process, or of two processes
 * over a store.
 *
 * Each connection dials the same host with a path of its own, by which the server and the gate's
 * record know it. The invariants are about what all of them do together.
 */
import type { ReconnectingConnection } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { AttemptGate, stack, StoreGate, TABLES, waitClock } from "@oath-ws/resilience";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { VirtualHost, World } from "@oath-ws/testing";
import { directConnector } from "oath-ws";
import { networkDial } from "oath-ws/leaf";
import type { UpgradeFault } from "../client/server.js";
import { PORT, Server } from "../client/server.js";
import type { Played } from "../core/play-out.js";
import { Settlements } from "../core/settlement.js";
import { StepLoop } from "../core/step-loop.js";
import { Trace } from "../core/trace.js";
import { demand } from "../core/violated.js";
import { CountedTimer } from "../wire/counted-timer.js";
import { RecordedNetwork } from "../wire/recorded-network.js";
import type { GateAction, GatePlan } from "./gate-plan.js";
import { RecordedGate } from "./recorded-gate.js";
import type { Claim } from "./recorded-gate.js";
import { SimulatedStore } from "./simulated-store.js";

const HOST = "venue.test";
const ROUNDING_MS = 1.5;

/** Longer than every wait of every connection in turn, with the gate as narrow as it may be. */
const PATIENCE_MS = 1_200_000;
const END_MS = 10_000;

/** How long a grant of the store may be used: `StoreGateOptions.silentAfterMs`. */
const GRANT_MS = 2_000;
const LONGEST_BACKOFF_MS = 5_000;

/** One machine with its process: clocks, network and gate. */
interface Machine {
  readonly host: VirtualHost;
  readonly timer: CountedTimer;
  readonly network: RecordedNetwork;
  readonly gate: RecordedGate;
  heldUntil: number;
}

/** One place for a connection; it may be opened again after a shutdown. */
interface Line {
  readonly path: string;
  readonly machine: Machine;
  connection: ReconnectingConnection | undefined;
  flapsUntil: number;
}

/** See the top of this file. */
export class GateRun implements Played {
  readonly trace: Trace;
  readonly reached: Set<string> = new Set();
  readonly loop: StepLoop;
  faults = 0;
  readonly #plan: GatePlan;
  readonly #world: World;
  readonly #network: VirtualNetwork;
  readonly #store: SimulatedStore;
  readonly #machines: readonly Machine[];
  readonly #lines: readonly Line[];
  readonly #server: Server;
  readonly #settlements = new Settlements();
  readonly #claims: Claim[] = [];
  #checkedClaims = 0;
  #refusal: { readonly until: number; readonly fault: UpgradeFault } | undefined;

  constructor(plan: GatePlan) {
    const { setup, seed } = plan;
    this.#plan = plan;
    this.#world = createWorld({ seed, shuffleTurns: seed % 2 === 0 });
    this.trace = new Trace(() => this.now());
    this.#network = new VirtualNetwork(this.#world, { latencyMs: setup.latencyMs });
    this.#store = new SimulatedStore(this.#network.host("store").timer, setup.storeMs);
    const names = setup.gate === "store" ? ["first", "second"] : ["first"];
    this.#machines = names.map((name) => this.#machine(name));
    this.#lines = Array.from({ length: setup.connections }, (_, i) => ({
      path: `/c${i}`,
      machine: this.#machines[i % this.#machines.length] as Machine,
      connection: undefined,
      flapsUntil: 0,
    }));
    const venue = this.#network.host(HOST);
    const answer = (head: string): UpgradeFault | undefined => this.#answer(head);
    this.#server = new Server("v", venue, venue.timer, answer, () => undefined);
    this.loop = new StepLoop(this.#world, (isSettled) => this.#look(isSettled));
  }

  async play(): Promise<void> {
    const { steps, lengthMs } = this.#plan;
    for (const line of this.#lines) this.#open(line);
    for (const { at, action } of steps) {
      await this.loop.runTo(Math.min(at, lengthMs));
      this.#perform(action);
    }
    await this.loop.runTo(Math.max(lengthMs, ...this.#machines.map((one) => one.heldUntil)));
    await this.#makePeace();
    await this.#end();
  }

  now(): number {
    return this.#world.timer.now();
  }

  #machine(name: string): Machine {
    const host = this.#network.host(name);
    const timer = new CountedTimer(host.timer);
    const now = (): number => this.now();
    const quiet = (): void => undefined;
    const watch = {
      dialled: quiet,
      opened: quiet,
      read: quiet,
      wrote: quiet,
      took: quiet,
      over: quiet,
    };
    const gate =
      this.#plan.setup.gate === "store"
        ? new StoreGate({ store: this.#store, timer })
        : new AttemptGate();
    return {
      host,
      timer,
      network: new RecordedNetwork(host, now, watch),
      gate: new RecordedGate(gate, now, (claim) => this.#claimed(claim)),
      heldUntil: 0,
    };
  }

  #open(line: Line): void {
    const { phase = "closed" } = line.connection?.lifecycle.snapshot ?? {};
    if (!isTerminal(phase)) return;
    const { timer, network, gate } = line.machine;
    const { spawn, random, newId } = this.#world;
    const { max, windowMs, stableAfterMs } = this.#plan.setup;
    const connector = stack({
      leaf: directConnector({ timer, socket: networkDial(network, random.fork()) }),
      config: {
        attempts: { max, windowMs },
        backoff: { minMs: 200, maxMs: LONGEST_BACKOFF_MS, stableAfterMs },
        connect: { timeoutMs: 5_000 },
        shutdown: { timeoutMs: 1_000 },
      },
      timer,
      spawn,
      random,
      newId,
      gate,
      tracer: {
        trace: (event) => {
          if (event.kind === "transition")
            this.trace.note(`${line.path} ${event.to.phase}/${event.to.epoch}`);
        },
      },
      onStep: ({ table, state, input }) => {
        this.reached.add(`${table} ${state} ${input}`);
        if (input === "granted" && typeof TABLES[table][state]?.[input] === "object")
          this.reached.add(`the gate moves a time in ${state}`);
      },
    });
    const request = { url: `ws://${HOST}:${PORT}${line.path}`, protocols: [], headers: {} };
    const connecting = connector.connect(request, { awaitFirst: false });
    this.#settlements.watch(`connect ${line.path}`, connecting, ({ value }) => {
      line.connection = value;
    });
  }

  #answer(head: string): UpgradeFault | undefined {
    const path = head.split(" ")[1];
    const line = this.#lines.find((one) => one.path === path);
    if (this.#refusal !== undefined && this.now() < this.#refusal.until) return this.#refusal.fault;
    if (line !== undefined && this.now() < line.flapsUntil) return { kind: "upgradeThenReset" };
    return undefined;
  }

  #perform(action: GateAction): void {
    this.trace.note(`plan ${action.kind}`);
    if (action.kind !== "open" && action.kind !== "shutdown") this.faults++;
    const { gate } = this.#plan.setup;
    this.reached.add(`fault ${action.kind} with a gate of a ${gate}`);
    const after = (ms: number, run: () => void): void => void this.#world.timer.schedule(ms, run);
    const link = (): readonly string[] => this.#machines.map(({ host }) => host.name);
    switch (action.kind) {
      case "cut":
        return this.#cut(this.#line(action.which));
      case "cutAll":
        return this.#lines.forEach((line) => this.#cut(line));
      case "flap":
        this.#line(action.which).flapsUntil = this.now() + action.forMs;
        return this.#cut(this.#line(action.which));
      case "refuseAll": {
        const { status, retryAfterS, forMs } = action;
        const fault: UpgradeFault = { kind: "upgradeRefused", status, retryAfterS };
        this.#refusal = { until: this.now() + forMs, fault };
        return this.#lines.forEach((line) => this.#cut(line));
      }
      case "dialsFail":
        for (const name of link())
          this.#network.link(name, HOST).configure({ connect: action.how });
        after(action.forMs, () => {
          for (const name of link()) this.#network.link(name, HOST).configure({ connect: "ok" });
        });
        return this.#lines.forEach((line) => this.#cut(line));
      case "force":
        return this.#onItsMachine(this.#line(action.which), (line) =>
          line.connection?.trigger.forceReconnect("the plan"),
        );
      case "forceAll":
        return this.#forceAll();
      case "blocked":
        return this.#block(action.machine, action.forMs);
      case "open":
        return this.#onItsMachine(this.#line(action.which), (line) => this.#open(line));
      case "shutdown":
        return this.#onItsMachine(this.#line(action.which), (line) => this.#shutdown(line));
      case "storeSilent":
        this.#store.isSilent = true;
        return after(action.forMs, () => {
          this.#store.isSilent = false;
        });
      case "stall":
      case "sleep": {
        const machine = this.#machines[action.machine % this.#machines.length];
        if (machine === undefined || machine.heldUntil > this.now()) return;
        machine.heldUntil = this.now() + action.ms;
        return machine.host[action.kind](action.ms);
      }
      case "wallStep":
        return this.#machines[action.machine % this.#machines.length]?.host.timer.stepWall(
          action.ms,
        );
      default:
        return action satisfies never;
    }
  }

  /** In a turn of the machine's own: its clock stands still while it sleeps. */
  #block(which: number, forMs: number): void {
    const machine = this.#machines[which % this.#machines.length];
    machine?.host.timer.schedule(0, () => {
      const now = waitClock(machine.timer).read();
      machine.gate.block(`ws://${HOST}:${PORT}/`, now + forMs, now);
    });
    this.#forceAll();
  }

  #forceAll(): void {
    for (const line of this.#lines)
      this.#onItsMachine(line, () => line.connection?.trigger.forceReconnect("the plan"));
  }

  #line(which: number): Line {
    return this.#lines[which % this.#lines.length] as Line;
  }

  /** In a turn of the machine's own: not while it is held up. */
  #onItsMachine(line: Line, run: (line: Line) => void): void {
    line.machine.host.timer.schedule(0, () => run(line));
  }

  /** Its newest socket is the one that stands. */
  #cut({ path }: Line): void {
    this.#server.peers.findLast((one) => one.isOpen && one.path === path)?.reset();
  }

  #shutdown(line: Line): void {
    const { connection } = line;
    if (connection === undefined || isTerminal(connection.lifecycle.snapshot.phase)) return;
    this.#settlements.watch(`shutdown ${line.path}`, connection.control.shutdown());
  }

  #claimed(claim: Claim): void {
    this.#claims.push(claim);
    this.trace.note(`attempt ${claim.path} ${claim.isProven ? "proven" : "new"}`);
  }

  /** Called between any two turns. */
  #look(isSettled: boolean): void {
    this.#checkClaims();
    if (!isSettled) return;
    for (const line of this.#lines) this.#checkLine(line);
  }

  /** No window holds more attempts than allowed, nor more of those that never stood. */
  #checkClaims(): void {
    const { max, windowMs, gate } = this.#plan.setup;
    // A store counts when it grants, and a grant may be used for two seconds. Two processes that it
    // left alone go by a half each, and what it had granted before comes on top.
    const span = windowMs - ROUNDING_MS - (gate === "store" ? GRANT_MS : 0);
    const most = gate === "store" && this.#store.wasSilent ? 2 * max : max;
    for (; this.#checkedClaims < this.#claims.length; this.#checkedClaims++) {
      const last = this.#claims[this.#checkedClaims];
      if (last === undefined) return;
      const recent = this.#claims
        .slice(0, this.#checkedClaims + 1)
        .filter(({ at }) => at > last.at - span);
      demand(
        recent.length <= most,
        "attempts stay within every window",
        () => `${recent.length} in ${windowMs} ms, ${max} allowed`,
      );
      if (gate === "process") {
        const unproven = recent.filter(({ isProven }) => !isProven).length;
        const share = max - Math.floor(max / 4);
        demand(
          last.isProven || unproven <= share,
          "slots are kept for connections that stood",
          () => `${unproven} attempts of others, ${share} allowed`,
        );
        const blockedUntil = this.#machines[0]?.gate.blockedUntilWorld ?? 0;
        demand(
          last.at >= blockedUntil - ROUNDING_MS,
          "Retry-After is obeyed by all",
          () => `${last.path} at ${last.at}, blocked until ${blockedUntil}`,
        );
      }
    }
  }

  #checkLine({ connection, machine, path }: Line): void {
    const snapshot = connection?.lifecycle.snapshot;
    if (snapshot === undefined || machine.heldUntil >= this.now() || machine.timer.isLate) return;
    const { phase, waitingFor } = snapshot;
    if (waitingFor !== undefined) this.reached.add(`waits for ${waitingFor} while ${phase}`);
    demand(snapshot.cause?.code !== "INTERNAL", "no error of our own", () => path);
    if (phase !== "connected" && phase !== "resumed") return;
    const peer = this.#server.peers.findLast((one) => one.path === path);
    const record = machine.network.open.find(({ port }) => port === peer?.port);
    demand(
      record?.isOpen === true && peer?.isUpgraded === true,
      "up implies a socket that stands",
      () => `${path} is ${phase}`,
    );
  }

  async #makePeace(): Promise<void> {
    this.#store.isSilent = false;
    this.#refusal = undefined;
    for (const line of this.#lines) line.flapsUntil = 0;
    for (const { host } of this.#machines)
      this.#network.link(host.name, HOST).configure({ connect: "ok" });
    this.trace.note("peace");
    const isUp = ({ connection }: Line): boolean => {
      const phase = connection?.lifecycle.snapshot.phase ?? "connecting";
      return phase === "connected" || phase === "resumed" || isTerminal(phase);
    };
    const until = this.now() + PATIENCE_MS;
    const areAllUp = await this.loop.runUntil(() => this.#lines.every(isUp), until);
    demand(areAllUp, "no client is starved", () =>
      this.#lines
        .filter((line) => !isUp(line))
        .map(({ path, connection }) => `${path} ${connection?.lifecycle.snapshot.waitingFor}`)
        .join(", "),
    );
  }

  async #end(): Promise<void> {
    await this.loop.runTo(this.now() + LONGEST_BACKOFF_MS);
    for (const line of this.#lines) this.#shutdown(line);
    await this.loop.runTo(this.now() + END_MS);
    for (const { timer, gate, network } of this.#machines) {
      demand(timer.pending === 0, "no timer is left", () => `${timer.pending} are`);
      demand(gate.waiting === 0, "every ticket is used or given back", () => `${gate.waiting}`);
      demand(network.open.length === 0, "no socket is left", () => `${network.open.length}`);
    }
    const { liveCount } = this.#world.spawn;
    demand(liveCount === 0, "no task is left", () => `${liveCount} are`);
    const { pending } = this.#settlements;
    demand(pending.length === 0, "no promise is pending after the shutdown", () =>
      pending.join(", "),
    );
  }
}
