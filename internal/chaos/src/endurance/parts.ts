import { setTimeout as delay } from "node:timers/promises";
import { open } from "oath-ws";
import type { OpenOptions } from "oath-ws";
import { flatness, takeSample } from "./sample.js";
import type { Flatness, Sample } from "./sample.js";

/** The leaf under the stack. */
export type Leaf = "ws" | "direct";

/** What a part of the run found. */
export interface PartResult extends Flatness {
  readonly leaf: Leaf;
  readonly seconds: number;
  readonly samples: readonly Sample[];
  readonly connections: number;
  /** Frames that the server sent before the last one that was read. */
  readonly sent: number;
  /** Frames that were read. */
  readonly received: number;
  /** Frames that the receive buffer dropped, and said so. */
  readonly dropped: number;
  /** Neither read nor reported as dropped; anything but zero is a defect. */
  readonly unaccounted: number;
}

/** Samples of a run, the first before its work begins. */
const SAMPLES = 21;
const FRAMES_PER_CONNECTION = 5;

/**
 * Connects again at once, as often as asked. All parts share the host's gate, so all need the same.
 */
const HASTY: OpenOptions["config"] = {
  backoff: { minMs: 1, maxMs: 1, stableAfterMs: 0 },
  attempts: { max: 50_000, windowMs: 1_000 },
};

/**
 * Reconnects `count` times: every connection brings five frames, and then the server leaves without
 * a close frame.
 */
export async function reconnects(base: string, leaf: Leaf, count: number): Promise<PartResult> {
  const every = Math.max(1, Math.floor(count / (SAMPLES - 1)));
  const started = performance.now();
  const feed = await open(`${base}/drop/${FRAMES_PER_CONNECTION}`, {
    transport: leaf,
    config: HASTY,
  });
  const samples: Sample[] = [takeSample(0)];
  let received = 0;
  let epoch = 0;
  let ofEpoch = 0;
  while ((epoch <= count || ofEpoch < FRAMES_PER_CONNECTION) && (await feed.source.readable())) {
    for (let frame = feed.source.take(); frame !== undefined; frame = feed.source.take()) {
      received++;
      if (frame.epoch === epoch) {
        ofEpoch++;
        continue;
      }
      epoch = frame.epoch;
      ofEpoch = 1;
      if (epoch % every === 0) samples.push(takeSample(epoch));
    }
  }
  const dropped = feed.lifecycle.snapshot.totalLagged;
  await feed.control.shutdown();
  const sent = epoch * FRAMES_PER_CONNECTION;
  return {
    leaf,
    ...flatness(samples),
    seconds: (performance.now() - started) / 1_000,
    samples,
    connections: epoch,
    sent,
    received,
    dropped,
    unaccounted: sent - received - dropped,
  };
}

/** Reads `count` frames of 40 B from a server that sends them as fast as they are read. */
export async function frames(base: string, leaf: Leaf, count: number): Promise<PartResult> {
  const every = Math.floor(count / (SAMPLES - 1));
  const started = performance.now();
  const feed = await open(`${base}/flood/${count}`, { transport: leaf, config: HASTY });
  const samples: Sample[] = [takeSample(0)];
  let received = 0;
  let last = 0;
  let due = every;
  while (last < count && (await feed.source.readable())) {
    for (let frame = feed.source.take(); frame !== undefined; frame = feed.source.take()) {
      received++;
      last = frame.seq;
    }
    if (last < due) continue;
    samples.push(takeSample(last));
    due += every;
  }
  const { epoch, totalLagged: dropped } = feed.lifecycle.snapshot;
  await feed.control.shutdown();
  return {
    leaf,
    ...flatness(samples),
    seconds: (performance.now() - started) / 1_000,
    samples,
    connections: epoch,
    sent: last,
    received,
    dropped,
    unaccounted: last - received - dropped,
  };
}

/** Holds `count` connections for `seconds`, each with a frame every 100 ms. */
export async function connections(
  base: string,
  leaf: Leaf,
  count: number,
  seconds: number,
): Promise<PartResult> {
  const started = performance.now();
  const before = takeSample(0);
  const feeds = [];
  for (let i = 0; i < count; i++)
    feeds.push(await open(`${base}/tick/100`, { transport: leaf, config: HASTY }));
  const tallies = feeds.map(async (feed) => {
    let received = 0;
    let last = 0;
    for await (const { seq } of feed.source) {
      received++;
      last = seq;
    }
    return { received, last };
  });
  const samples: Sample[] = [before];
  for (let i = 1; i < SAMPLES; i++) {
    await delay((seconds * 1_000) / (SAMPLES - 1));
    samples.push(takeSample((i * seconds) / (SAMPLES - 1)));
  }
  const snapshots = feeds.map((feed) => feed.lifecycle.snapshot);
  await Promise.all(feeds.map((feed) => feed.control.shutdown()));
  const ended = await Promise.all(tallies);
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value, 0);
  const sent = sum(ended.map(({ last }) => last));
  const received = sum(ended.map((each) => each.received));
  const dropped = sum(snapshots.map(({ totalLagged }) => totalLagged));
  return {
    leaf,
    ...flatness(samples),
    seconds: (performance.now() - started) / 1_000,
    samples,
    connections: sum(snapshots.map(({ epoch }) => epoch)),
    sent,
    received,
    dropped,
    unaccounted: sent - received - dropped,
  };
}
