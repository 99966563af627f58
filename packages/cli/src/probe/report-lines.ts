import { nodeTimer } from "oath-ws/leaf";
import type { DialPhase } from "oath-ws";
import type { ProbeReport } from "./probe-report.js";
import { surelyOffMs } from "./server-clock.js";
import type { ClockBounds } from "./server-clock.js";
import { daysUntil } from "./tls-problems.js";

/** A report for people, line by line. */
export function reportLines(report: ProbeReport): readonly string[] {
  const { endpoint, addresses, problems, warnings } = report;
  return [
    `${endpoint}, ${localTime(report.at)}`,
    ...stepLines(report, "dns", addresses.join(", ")),
    ...stepLines(report, "tcp", ""),
    ...tlsLines(report),
    ...upgradeLines(report),
    ...clockLines(report),
    ...watchLines(report),
    ...warnings.map((text) => row("warning", text)),
    ...problems.map((text) => row("problem", text)),
  ];
}

/** `2026-11-30 14:39:16`, of this machine's time zone. */
export function localTime(time: string): string {
  const date = new Date(time);
  const parts = [
    [date.getFullYear(), date.getMonth() + 1, date.getDate()],
    [date.getHours(), date.getMinutes(), date.getSeconds()],
  ].map((group) => group.map((part) => String(part).padStart(2, "0")));
  return `${parts[0]?.join("-")} ${parts[1]?.join(":")}`;
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(9)}${text}`.trimEnd();
}

function ms(value: number | null): string {
  return value === null ? "-" : `${value} ms`;
}

function stepLines({ steps }: ProbeReport, phase: DialPhase, text: string): readonly string[] {
  const took = steps[phase];
  return took === undefined ? [] : [row(phase, `${ms(took).padEnd(11)}${text}`)];
}

function tlsLines({ tls, steps }: ProbeReport): readonly string[] {
  if (tls === null) return [];
  const took = ms(steps.tls ?? null).padEnd(11);
  return [row("tls", `${took}${tlsText(tls)}`), ...chainLines(tls)];
}

function tlsText({ version, cipher, refusal }: NonNullable<ProbeReport["tls"]>): string {
  return `${version ?? "?"}, ${cipher ?? "?"}, ${refusal === null ? "verified" : "NOT TRUSTED"}`;
}

function chainLines({ chain }: NonNullable<ProbeReport["tls"]>): readonly string[] {
  return chain.map(({ subject, issuer, names, validTo }) => {
    const days = daysUntil(validTo, nodeTimer.wallNow());
    const end = days < 0 ? "EXPIRED" : `${days} whole days left`;
    const what = names === "" ? "" : ` (${names})`;
    return row("  chain", `${subject}${what}, by ${issuer}, until ${localTime(validTo)}, ${end}`);
  });
}

function upgradeLines(report: ProbeReport): readonly string[] {
  const { upgrade } = report;
  if (upgrade === null) return [];
  const { status, protocol, extensions, headers, otherHeaders } = upgrade;
  const server = headers["server"];
  const said = server === undefined ? "" : `, server ${server}`;
  const text = `${status}, subprotocol ${protocol || "none"}${said}`;
  const others = otherHeaders.length === 0 ? [] : [row("", `also: ${otherHeaders.join(", ")}`)];
  const deflate = extensions === "" ? "the server does not compress" : extensions;
  return [...stepLines(report, "upgrade", text), ...others, row("deflate", deflate)];
}

function clockLines({ clock }: ProbeReport): readonly string[] {
  return clock === null ? [] : [row("clock", clockText(clock))];
}

/** What an answer's `Date` tells. */
export function clockText(clock: ClockBounds): string {
  const off = surelyOffMs(clock);
  if (off === 0) return "agrees with ours, as far as a Date of whole seconds tells";
  const [least, most] = [Math.abs(off), Math.max(Math.abs(clock.leastMs), Math.abs(clock.mostMs))];
  return `is ${off > 0 ? "ahead of" : "behind"} ours by ${least} to ${most} ms`;
}

function watchLines({ ping, idle, close }: ProbeReport): readonly string[] {
  const lines: string[] = [];
  if (ping !== null) {
    const { sent, answered, minMs, medianMs, maxMs } = ping;
    const times = `min ${ms(minMs)}, median ${ms(medianMs)}, max ${ms(maxMs)}`;
    lines.push(row("ping", `${answered} of ${sent} answered, ${times}`));
  }
  if (idle !== null) {
    const { watchedMs, frames, bytes, pings, closed } = idle;
    const came = `${frames} frames, ${bytes} bytes, ${pings} pings of the server`;
    const end = closed === null ? "it stayed open" : `ended: ${closed}`;
    lines.push(row("idle", `in ${watchedMs / 1_000} s: ${came}; ${end}`));
  }
  if (close !== null) {
    const { answered, code, tookMs } = close;
    const text = answered ? `answered with code ${code} after ${tookMs} ms` : "not answered";
    lines.push(row("close", text));
  }
  return lines;
}
