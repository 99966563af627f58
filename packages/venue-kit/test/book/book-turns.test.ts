import { BookTurns } from "@oath-ws/venue-kit";
import { expect, it } from "vitest";
import { BookRig, CountedLevels } from "../support/book-rig.js";

it("books that share their turns take up no more than one of them would", () => {
  const first = new BookRig();
  const turns = new BookTurns(first.seam);
  const rigs = Array.from({ length: 30 }, () => new BookRig({ turns }));
  const levels = rigs.map(() => new CountedLevels(20_000, String));
  const reads = (): number => levels.reduce((sum, each) => sum + each.reads, 0);
  for (const [index, rig] of rigs.entries())
    rig.writer.replace({ levels: levels[index]!, receivedAt: 0 });
  let count = 1;
  for (let before = 0; reads() < 600_000; count++) {
    expect(reads() - before).toBeLessThanOrEqual(4_096);
    before = reads();
    expect(first.turn()).toBe(true);
  }
  expect(count).toBeGreaterThan(70);
  expect(rigs.every(({ phase }) => phase === "live")).toBe(true);
  expect(first.turn()).toBe(false);
});

it("every book has its turn, whatever others have to do", () => {
  const first = new BookRig();
  const turns = new BookTurns(first.seam);
  const busy = new BookRig({ turns });
  const small = new BookRig({ turns });
  busy.writer.replace({ levels: new CountedLevels(1_000_000, String), receivedAt: 0 });
  small.replace([["1", "1"]], [["2", "1"]]);
  expect(small.phase).toBe("subscribing");
  for (let turn = 0; turn < 3; turn++) first.turn();
  expect([small.phase, busy.phase]).toEqual(["live", "subscribing"]);
});
