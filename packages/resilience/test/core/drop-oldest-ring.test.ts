import { describe, expect, it } from "vitest";
import { DropOldestRing } from "../../src/core/drop-oldest-ring.js";
import type { Sized } from "../../src/core/drop-oldest-ring.js";

interface Item extends Sized {
  readonly name: string;
}

function item(name: string, byteLength = 1): Item {
  return { name, byteLength, retainedBytes: byteLength };
}

function drain(ring: DropOldestRing<Item>): string {
  let names = "";
  for (let one = ring.shift(); one !== undefined; one = ring.shift()) names += one.name;
  return names;
}

function filled(maxFrames: number, maxBytes: number, items: readonly Item[]): DropOldestRing<Item> {
  const ring = new DropOldestRing<Item>(maxFrames, maxBytes);
  for (const one of items) ring.push(one);
  return ring;
}

describe("DropOldestRing", () => {
  it("gives back what was pushed in the same order, and then nothing", () => {
    const ring = filled(10, 100, [item("a"), item("b"), item("c")]);
    expect(drain(ring)).toBe("abc");
    expect(ring.shift()).toBeUndefined();
    expect(ring).toMatchObject({ size: 0, bytes: 0, dropped: 0, droppedBytes: 0 });
  });

  it("drops the oldest when it holds maxFrames, and counts it", () => {
    const ring = filled(2, 100, [item("a", 5), item("b", 6), item("c", 7)]);
    expect(ring).toMatchObject({ size: 2, bytes: 13, dropped: 1, droppedBytes: 5 });
    expect(drain(ring)).toBe("bc");
  });

  it("drops as many of the oldest as the bytes of the newest need", () => {
    const ring = filled(10, 10, [item("a", 4), item("b", 4), item("c", 2), item("d", 8)]);
    expect(ring).toMatchObject({ size: 2, bytes: 10, dropped: 2, droppedBytes: 8 });
    expect(drain(ring)).toBe("cd");
  });

  it("fills its byte budget to the last byte before it drops", () => {
    expect(filled(10, 10, [item("a", 5), item("b", 5)]).dropped).toBe(0);
    expect(filled(10, 10, [item("a", 5), item("b", 6)]).dropped).toBe(1);
  });

  it("admits an item larger than the whole budget, alone", () => {
    const ring = filled(10, 10, [item("a", 5), item("B", 99)]);
    expect(ring).toMatchObject({ size: 1, bytes: 99, dropped: 1, droppedBytes: 5 });
    ring.push(item("c", 1));
    expect(ring).toMatchObject({ size: 1, bytes: 1, dropped: 2, droppedBytes: 104 });
    expect(drain(ring)).toBe("c");
  });

  it("counts what is skipped as dropped, and keeps what it holds", () => {
    const ring = filled(2, 100, [item("a", 5), item("b", 6)]);
    ring.skip(3, 40);
    expect(ring).toMatchObject({ size: 2, bytes: 11, dropped: 3, droppedBytes: 40 });
    ring.push(item("c", 1));
    expect(ring).toMatchObject({ size: 2, bytes: 7, dropped: 4, droppedBytes: 45 });
    expect(drain(ring)).toBe("bc");
  });

  it("bounds empty frames by their number, since they have no bytes", () => {
    const ring = filled(
      3,
      10,
      Array.from({ length: 9 }, (_, i) => item(String(i), 0)),
    );
    expect(ring).toMatchObject({ size: 3, dropped: 6, droppedBytes: 0 });
    expect(drain(ring)).toBe("678");
  });

  it("keeps the order when it grows while its head is in the middle", () => {
    const ring = filled(
      1_000,
      1_000,
      Array.from({ length: 16 }, (_, i) => item(`${i} `)),
    );
    for (let i = 0; i < 7; i++) ring.shift();
    for (let i = 16; i < 60; i++) ring.push(item(`${i} `));
    const expected = Array.from({ length: 53 }, (_, i) => `${i + 7} `).join("");
    expect(drain(ring)).toBe(expected);
  });
});

describe("DropOldestRing, the memory of its items", () => {
  it("is what the byte budget counts; what was lost is counted by payload", () => {
    const ring = new DropOldestRing<Item>(10, 100);
    ring.push({ name: "a", byteLength: 1, retainedBytes: 60 });
    ring.push({ name: "b", byteLength: 1, retainedBytes: 0 });
    ring.push({ name: "c", byteLength: 1, retainedBytes: 60 });
    expect(ring).toMatchObject({ size: 2, bytes: 60, dropped: 1, droppedBytes: 1 });
    expect(drain(ring)).toBe("bc");
    expect(ring.bytes).toBe(0);
  });

  it("is let go of with the item: no slot keeps what was taken or dropped", () => {
    const ring = filled(2, 100, [item("a"), item("b"), item("c")]);
    expect(ring.peek()?.name).toBe("b");
    expect(drain(ring)).toBe("bc");
    // Over all slots of the first capacity.
    for (let i = 0; i < 16; i++) {
      expect(ring.peek()).toBeUndefined();
      ring.push(item("x"));
      ring.shift();
    }
  });

  it("drops the oldest when asked to, and counts it", () => {
    const ring = filled(5, 100, [item("a", 3), item("b", 4)]);
    ring.drop();
    expect(ring).toMatchObject({ size: 1, bytes: 4, dropped: 1, droppedBytes: 3 });
    ring.drop();
    ring.drop();
    expect(ring).toMatchObject({ size: 0, bytes: 0, dropped: 2, droppedBytes: 7 });
  });
});
