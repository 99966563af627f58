import { randomBytes } from "node:crypto";
import type { DialPhase } from "oath-ws";
import { nodeTimer } from "oath-ws/leaf";
import { errorLine } from "../error-line.js";
import { within } from "./bounded.js";
import { ProbedConnection } from "./probed-connection.js";
import type { DialTimes, ProbeTarget } from "./probed-connection.js";
import type { ProbeReport, RoundTrips } from "./probe-report.js";
import { clockBounds } from "./server-clock.js";
import { tlsFacts } from "./tls-facts.js";
import { tlsProblems } from "./tls-problems.js";

/** What {@link probe} is told. */
export interface ProbeOptions extends ProbeTarget {
  /** How many pings are sent, one after the other. */
  readonly pings: number;
  /** How long the connection is watched without sending anything, in milliseconds. */
  readonly idleMs: number;
  /** How long the dial, a ping and the closing handshake may take each, in milliseconds. */
  readonly timeoutMs: number;
}

const PHASES: readonly DialPhase[] = ["dns", "tcp", "tls", "upgrade"];

/** Headers of an answer whose values hold no secret. Of others only the names are told. */
const SHOWN = /^(?:server|date|via|connection|upgrade|retry-after|sec-websocket-.*|x-mbx-.*)$/;

/**
 * Dials a server once, and looks at everything from its name to its closing handshake. What goes
 * wrong is in the report. Rejects with the signal's reason only, and for a handshake that cannot be
 * sent.
 */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<ProbeReport> {
  const { timeoutMs, handshake, ca } = options;
  const url = new URL(handshake.url);
  const times: DialTimes = { phases: new Map(), addresses: [] };
  const report = emptyReport(url);
  const limit = AbortSignal.timeout(timeoutMs);
  const askedAt = nodeTimer.wallNow();
  try {
    const connection = await ProbedConnection.dial(
      options,
      times,
      AbortSignal.any([signal, limit]),
    );
    const answeredAt = nodeTimer.wallNow();
    try {
      Object.assign(report, { upgrade: upgradeOf(connection) });
      report.clock = clockBounds(connection.headers["date"], askedAt, answeredAt) ?? null;
      await watch(connection, options, report, signal);
    } finally {
      connection.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isUnusable(error)) throw error;
    report.problems.push(limit.aborted ? lateText(times.phases, timeoutMs) : errorLine(error));
  }
  report.steps = stepsOf(times.phases);
  report.addresses = times.addresses;
  if (url.protocol === "wss:" && times.phases.has("tcp")) {
    report.tls = await tlsFacts(url, ca, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    signal.throwIfAborted();
    const { problems, warnings } = tlsProblems(report.tls, nodeTimer.wallNow());
    // The dial may have failed for the same reason.
    const isTold = problems.length > 0 && !times.phases.has("tls") && report.problems.length > 0;
    if (!isTold) report.problems.push(...problems);
    report.warnings.push(...warnings);
  }
  return report;
}

function emptyReport(url: URL): ProbeReport {
  return {
    type: "probe",
    endpoint: url.origin,
    at: new Date(nodeTimer.wallNow()).toISOString(),
    addresses: [],
    steps: {},
    tls: null,
    upgrade: null,
    clock: null,
    ping: null,
    idle: null,
    close: null,
    problems: [],
    warnings: [],
  };
}

/** Nothing was dialled: the caller's own options are wrong. */
function isUnusable(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return (
    code === "URL_INVALID" || code === "CONFIG_INVALID" || code === "HANDSHAKE_OPTIONS_INVALID"
  );
}

function lateText(phases: ReadonlyMap<DialPhase, number>, timeoutMs: number): string {
  const last = PHASES.findLast((phase) => phases.has(phase));
  const within = `within ${timeoutMs / 1_000} s`;
  switch (last) {
    case undefined:
    case "dns":
      return `no TCP connection ${within}`;
    case "tcp":
    case "tls":
      return `the server took the connection and did not answer the upgrade ${within}`;
    case "upgrade":
      return `the upgrade did not end ${within}`;
    default:
      return last satisfies never;
  }
}

/** What each step took, which is the time since the one before. */
function stepsOf(phases: ReadonlyMap<DialPhase, number>): ProbeReport["steps"] {
  let before = 0;
  const steps: Partial<Record<DialPhase, number>> = {};
  for (const phase of PHASES) {
    const at = phases.get(phase);
    if (at === undefined) continue;
    steps[phase] = rounded(at - before);
    before = at;
  }
  return steps;
}

function upgradeOf({ protocol, headers }: ProbedConnection): NonNullable<ProbeReport["upgrade"]> {
  const names = Object.keys(headers).filter((name) => name !== "sec-websocket-accept");
  const shown = names.filter((name) => SHOWN.test(name));
  return {
    status: 101,
    protocol,
    extensions: headers["sec-websocket-extensions"] ?? "",
    headers: Object.fromEntries(shown.map((name) => [name, headers[name] ?? ""])),
    otherHeaders: names.filter((name) => !shown.includes(name)),
  };
}

async function watch(
  connection: ProbedConnection,
  { pings, idleMs, timeoutMs }: ProbeOptions,
  report: ProbeReport,
  signal: AbortSignal,
): Promise<void> {
  const { ended } = connection;
  report.ping = await measurePings(connection, pings, timeoutMs, signal);
  const before = { ...connection.received };
  const isOver = await within(idleMs, signal, ended);
  const { frames, bytes, pings: serverPings } = connection.received;
  report.idle = {
    watchedMs: idleMs,
    frames: frames - before.frames,
    bytes: bytes - before.bytes,
    pings: serverPings - before.pings,
    closed: isOver ? endText(connection, await ended) : null,
  };
  if (pings > 0 && report.ping.answered === 0)
    report.problems.push(`no pong within ${timeoutMs / 1_000} s of a ping`);
  if (isOver) {
    report.problems.push(`the server ended the connection: ${report.idle.closed ?? ""}`);
    return;
  }
  const startedAt = nodeTimer.now();
  connection.close();
  await within(timeoutMs, signal, ended);
  const answer = connection.peerClose;
  report.close = {
    answered: answer !== undefined,
    code: answer?.code ?? null,
    tookMs: rounded(nodeTimer.now() - startedAt),
  };
  if (answer === undefined) report.warnings.push("the server did not answer the close frame");
}

async function measurePings(
  connection: ProbedConnection,
  count: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RoundTrips> {
  const took: number[] = [];
  let sent = 0;
  // One without an answer ends it: the others would wait as long.
  for (; sent === took.length && sent < count; sent++) {
    const pong = connection.ping(randomBytes(6).toString("hex")).then((ms) => took.push(ms));
    await within(timeoutMs, signal, pong, connection.ended);
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number | null => {
    const ms = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return ms === undefined ? null : rounded(ms);
  };
  return { sent, answered: took.length, minMs: at(0), medianMs: at(0.5), maxMs: at(1) };
}

function endText({ peerClose }: ProbedConnection, error: unknown): string {
  if (peerClose === undefined) return errorLine(error);
  const { code, reason } = peerClose;
  return reason === "" ? `close code ${code}` : `close code ${code}, "${reason}"`;
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
