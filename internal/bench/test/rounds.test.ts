import { expect, test } from "vitest";
import type { ClientChild } from "../src/client-link.js";
import { timesBase, timesOther } from "../src/metrics.js";
import { joinRounds, measureRounds } from "../src/rounds.js";

type Row = "ws" | "a" | "b";

const child = {} as ClientChild;
const started = (["ws", "a", "b"] as const).map((row) => ({ row, child }));

test("every row is measured next to the base row, which goes first in one round and second in the next", async () => {
  const order: Row[] = [];
  await measureRounds<Row, number>(started, {
    base: "ws",
    beside: "neighbours",
    repeats: 2,
    once: async (row) => order.push(row),
  });
  expect(order).toEqual(["ws", "a", "ws", "b", "b", "ws", "a", "ws"]);
});

test("a ratio is taken from neighbours, so a machine that slows down does not change it", async () => {
  let speed = 100;
  const cells = await measureRounds<Row, number>(started, {
    base: "ws",
    beside: "neighbours",
    repeats: 5,
    once: async (row) => {
      // Slower after every pair.
      if (row !== "ws") speed *= 0.8;
      return { ws: 1, a: 2 / 0.8, b: 3 / 0.8 }[row] * speed;
    },
  });
  const [ws, a, b] = cells;
  const itself = (value: number): number => value;
  expect(timesBase(ws, itself)).toEqual({ median: 1, low: 1, high: 1 });
  // In the rounds in which the base goes second it is measured at the lower speed, and so is the
  // row.
  expect(timesBase(a, itself)?.low).toBeCloseTo(2);
  expect(timesBase(a, itself)?.high).toBeCloseTo(2 / 0.8);
  expect(timesOther(b, a, itself)?.median).toBeCloseTo(1.5);
});

test("once a round, each is compared with the base row of its round", async () => {
  const order: Row[] = [];
  const cells = await measureRounds<Row, number>(started, {
    base: "ws",
    beside: "once",
    repeats: 2,
    once: async (row) => order.push(row),
  });
  expect(order).toEqual(["ws", "a", "b", "b", "a", "ws"]);
  expect(cells[1]).toMatchObject({ repeats: [2, 5], beside: [1, 6] });
});

test("warm-up rounds do not count, and are told so", async () => {
  const counts: boolean[] = [];
  const [ws] = await measureRounds(started.slice(0, 1), {
    base: "ws",
    beside: "neighbours",
    warmUp: 2,
    repeats: 1,
    once: async (_row, _child, counted) => {
      counts.push(counted);
      return counts.length;
    },
  });
  expect(counts).toEqual([false, false, true]);
  expect(ws?.repeats).toEqual([3]);
});

test("a row that fails is left out from then on and keeps its reason; the others go on", async () => {
  let attempts = 0;
  const cells = await measureRounds<Row, number>(started, {
    base: "ws",
    beside: "neighbours",
    repeats: 3,
    once: async (row) => {
      if (row === "a" && ++attempts === 2) throw new Error("lost");
      return 1;
    },
  });
  expect(attempts).toBe(2);
  expect(cells.map(({ row, failure, repeats }) => [row, failure, repeats.length])).toEqual([
    ["ws", undefined, 5],
    ["a", "lost", 1],
    ["b", undefined, 3],
  ]);
});

test("without the base row nothing counts", async () => {
  const cells = await measureRounds<Row, number>(started, {
    base: "ws",
    beside: "neighbours",
    repeats: 2,
    once: async (row) => {
      if (row === "ws") throw new Error("lost");
      return 1;
    },
  });
  expect(cells.map(({ failure }) => failure)).toEqual([
    "lost",
    "ws failed: lost",
    "ws failed: lost",
  ]);
  expect(cells.flatMap(({ repeats }) => repeats)).toEqual([]);
});

test("rounds in fresh processes join, each beside the base row of its round", async () => {
  const round = (ws: number, a: number) => [
    { row: "ws" as const, repeats: [ws], beside: [], failure: undefined },
    { row: "a" as const, repeats: [a], beside: [], failure: undefined },
  ];
  const [, a] = joinRounds([round(10, 20), round(100, 300)], "ws");
  expect(a?.repeats).toEqual([20, 300]);
  expect(timesBase(a, (value) => value)).toEqual({ median: 2.5, low: 2, high: 3 });
});
