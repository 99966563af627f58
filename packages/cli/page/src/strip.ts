import type { ConnectionPhase, Stretch } from "../../src/dash/protocol.js";
import { colours } from "./colours.js";
import type { Colours } from "./colours.js";
import { counted, span } from "./format.js";
import type { Blind } from "./model.js";
import { sizeOf } from "./sizes.js";

/** How a phase looks: its colour, and how high its bar is, so that colour is not all there is. */
const LOOKS: Readonly<Record<ConnectionPhase, { readonly colour: keyof Colours; height: number }>> =
  {
    connected: { colour: "up", height: 1 },
    resumed: { colour: "up", height: 1 },
    stale: { colour: "stale", height: 0.6 },
    connecting: { colour: "down", height: 0.3 },
    reconnecting: { colour: "down", height: 0.3 },
    unrecoverable: { colour: "down", height: 0.1 },
    closed: { colour: "ended", height: 0.1 },
  };

/** The narrowest stretch that is drawn, in pixels: an outage of a millisecond is seen too. */
const NARROWEST = 2;

/** What a strip shows. */
export interface StripView {
  readonly stretches: readonly Stretch[];
  readonly blind: readonly Blind[];
  readonly now: number;
  readonly windowMs: number;
  /** Until when the page knows anything; what follows is left empty. */
  readonly knownTo: number;
}

/** Draws a strip: the past from left to right, with the number of each new epoch. */
export function drawStrip(
  canvas: HTMLCanvasElement,
  { stretches, blind, now, windowMs, knownTo }: StripView,
): void {
  const scale = devicePixelRatio;
  const { width, height } = sizeOf(canvas);
  if (width === 0) return;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  if (context === null) return;
  const from = now - windowMs;
  const x = (at: number): number => (Math.max(0, at - from) / windowMs) * width;
  const paint = colours();
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "10px system-ui, sans-serif";
  let epoch = -1;
  for (const [index, stretch] of stretches.entries()) {
    const until = stretches[index + 1]?.at ?? knownTo;
    if (until < from) {
      epoch = stretch.epoch;
      continue;
    }
    const look = LOOKS[stretch.phase];
    const left = x(stretch.at);
    const high = look.height * (height - 2);
    context.fillStyle = paint[look.colour];
    context.fillRect(left, height - 1 - high, Math.max(NARROWEST, x(until) - left), high);
    if (stretch.epoch !== epoch && stretch.epoch > 0 && stretch.at >= from) {
      context.fillStyle = paint.text;
      context.fillText(`${stretch.epoch}`, left + 3, height - 4);
    }
    epoch = stretch.epoch;
  }
  context.fillStyle = paint.blind;
  for (const each of blind) {
    if (each.to < from) continue;
    const left = x(each.from);
    context.fillRect(left, 0, Math.max(NARROWEST, x(each.to) - left), 4);
  }
}

/** The same in words. */
export function stripWords({ stretches, now, windowMs }: StripView): string {
  const shown = stretches.filter((_, index) => (stretches[index + 1]?.at ?? now) >= now - windowMs);
  const times = (phase: ConnectionPhase): number =>
    shown.filter((stretch) => stretch.phase === phase).length;
  const state = stretches.at(-1)?.phase ?? "connecting";
  return (
    `Phases of the last ${span(windowMs)}: ${state} now, ` +
    `${counted(times("reconnecting"), "outage")}, stale ${counted(times("stale"), "time")}`
  );
}
