import { channel } from "node:diagnostics_channel";
import { CONNECTION_CHANNEL, READER_CHANNEL, TRACE_CHANNEL } from "oath-ws";
import { expect, it, onTestFinished } from "vitest";
import { Ring } from "../../src/dash/ring.js";
import { Watch } from "../../src/dash/watch.js";

function announce(name: string, reader: { state: { snapshot: { phase: string } } }): void {
  const message = { kind: "topic", name, endpoint: "wss://venue.example", deref: () => reader };
  channel(READER_CHANNEL).publish(message);
}

function readerIn(phase: string): { state: { snapshot: { phase: string } } } {
  return { state: { snapshot: { phase } } };
}

it("the watch of the dashboard forgets readers and connections that have ended, though no page looks", () => {
  const watch = new Watch();
  onTestFinished(() => watch.stop());
  const readers = Array.from({ length: 3_000 }, (_, index) => {
    const reader = readerIn("live");
    announce(`topic ${index}`, reader);
    return reader;
  });
  for (let id = 0; id < 100; id++) {
    const message = { connection: { id: `${id}`, name: "gone" }, endpoint: "wss://venue.example" };
    channel(CONNECTION_CHANNEL).publish({ ...message, deref: () => undefined });
  }
  expect(watch.size).toBe(3_100);
  for (const reader of readers.slice(1)) reader.state.snapshot.phase = "closed";
  for (let times = 0; times < 10; times++) watch.sample();
  // One reader is live, and the latest connections that have ended are still shown.
  expect(watch.size).toBe(1 + 20);
});

it("the watch of the dashboard leaves the channels as it found them", () => {
  const watched = (): readonly boolean[] =>
    [CONNECTION_CHANNEL, READER_CHANNEL, TRACE_CHANNEL].map((name) => channel(name).hasSubscribers);
  const before = watched();
  const watch = new Watch();
  expect(watched()).toEqual([true, true, true]);
  watch.stop();
  expect(watched()).toEqual(before);
});

it("a ring keeps the latest, and gives those that a reader has not seen", () => {
  const ring = new Ring<number>(3);
  expect(ring.since(0)).toEqual([]);
  for (let number = 1; number <= 1_000; number++) ring.push(number);
  expect([ring.total, ring.since(0), ring.since(998), ring.since(1_000)]).toEqual([
    1_000,
    [998, 999, 1_000],
    [999, 1_000],
    [],
  ]);
});
