import { waitClock } from "@oath-ws/resilience";
import type { ClientAction, SocketFault } from "./client-plan.js";
import type { ClientRun } from "./client-run.js";

/** Performs one action of the plan. What has no effect (no socket is open) is not counted. */
export function performOn(run: ClientRun, action: ClientAction): void {
  const { world, trace } = run;
  if (!("fault" in action)) trace.note(`plan ${action.kind}`);
  switch (action.kind) {
    case "dial":
      for (let i = 0; i < action.count; i++) world.dialFaults.push(action.fault);
      return;
    case "auth":
      for (let i = 0; i < action.count; i++) world.authFaults.push(action.fault);
      return;
    case "source":
      for (let i = 0; i < action.count; i++) world.sourceFaults.push(action.fault);
      return;
    case "send":
      return run.sender?.send(action.what, action.count, action.bytes);
    case "read":
      return void (run.reader && run.settlements.watch("reader", run.reader.read(action)));
    case "force":
      happened(run, action.kind);
      return run.force();
    case "shutdown":
      return run.shutdown(action.timeoutMs);
    case "stall":
    case "sleep":
      // A machine that is held up already is not held up once more.
      if (world.heldUntil > world.now()) return;
      happened(run, action.kind);
      world.heldUntil = world.now() + action.ms;
      return world.client[action.kind](action.ms);
    case "wallStep":
      happened(run, action.kind);
      if (action.ms < 0) run.checks.steppedBack(-action.ms);
      return world.client.timer.stepWall(action.ms);
    case "neighbours":
      happened(run, action.kind);
      return useGate(run, action.attempts);
    case "neighbourBlocked": {
      happened(run, action.kind);
      const now = waitClock(world.timer).read();
      return world.gate.block(urlOf(run), now + action.ms, now);
    }
    default:
      return strike(run, action);
  }
}

/** Something befalls the socket that is open. */
function strike(run: ClientRun, fault: SocketFault): void {
  const { world } = run;
  const socket = world.current;
  const line = world.currentLine;
  const peer = socket?.peer;
  if (socket?.record.isOpen !== true || line === undefined || peer === undefined) return;
  happened(run, fault.kind);
  const later = (ms: number, undo: () => void): void => void world.world.timer.schedule(ms, undo);
  const link = world.network.link("client", socket.record.host);
  switch (fault.kind) {
    case "reset":
      return line.reset();
    case "end":
      return peer.end();
    case "halfOpen":
      return line.blackHole(
        fault.direction === "both" ? "both" : fault.direction === "in" ? "toClient" : "toServer",
      );
    case "windowCloses":
      line.shutWindow("server");
      later(fault.ms, () => line.openWindow("server"));
      run.world.client.timer.schedule(0, () => run.sender?.send("plain", fault.sends, 3_000));
      return;
    case "latency":
      link.configure({ latencyMs: fault.ms });
      later(fault.forMs, () => link.configure({ latencyMs: run.plan.setup.latencyMs }));
      return;
    case "chopped":
      link.configure({ segmentBytes: fault.bytes, partialReads: 0.5 });
      later(fault.forMs, () => link.configure({ segmentBytes: 65_536, partialReads: 0 }));
      return;
    case "burst":
      for (let i = 0; i < fault.frames; i++) peer.say(fault.bytes);
      return;
    case "fragmented":
      return peer.sayInParts(fault.parts, fault.bytes);
    case "peerCloses":
      return peer.close(fault.code);
    case "closeUnanswered":
      peer.answersClose = false;
      return;
    case "violation":
      return peer.violate(fault.what, (run.plan.setup.config.limits?.maxMessageBytes ?? 0) + 1);
    case "pongsMissing":
      peer.answersPings = false;
      later(fault.ms, () => {
        peer.answersPings = true;
      });
      return;
    case "quiet":
      peer.isQuiet = true;
      later(fault.ms, () => {
        peer.isQuiet = false;
      });
      return;
    case "pings":
      for (let i = 0; i < fault.count; i++) peer.ping();
      return;
    default:
      return fault satisfies never;
  }
}

/** Others take slots of the gate, as many as there are. */
function useGate(run: ClientRun, attempts: number): void {
  const { gate, timer, attempts: log } = run.world;
  const url = urlOf(run);
  const { max = 20, windowMs = 60_000 } = run.plan.setup.config.attempts ?? {};
  const limit = { max, windowMs };
  for (let i = 0; i < attempts; i++) {
    const now = waitClock(timer).read();
    const request = { url, limit, asked: false, provenUntil: Number.NEGATIVE_INFINITY, now };
    const ticket = gate.reserve(request, () => undefined);
    if (!gate.claim(ticket, now)) {
      gate.release(ticket, now);
      return;
    }
    log.push({ host: new URL(url).hostname, at: run.world.now() });
  }
}

function urlOf(run: ClientRun): string {
  return run.world.urls[0] ?? "";
}

function happened(run: ClientRun, kind: string): void {
  run.faults++;
  run.reached.add(`fault ${kind} while ${run.phase}`);
}
