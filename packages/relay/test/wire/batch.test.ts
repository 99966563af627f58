import { SeededRandom } from "@oath-ws/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBatch, encodeBatch } from "../../src/wire/batch.js";
import type { BatchHead, Item } from "../../src/wire/item.js";

const HEAD: BatchHead = { kind: "data", line: "abc", term: 3, first: 17, mark: undefined };

const ITEM: fc.Arbitrary<Item> = fc.record({
  kind: fc.constantFrom("event", "text", "binary", "gap", "state", "lifecycle", "image"),
  topic: fc.option(fc.nat(4_095), { nil: undefined }),
  epoch: fc.nat(),
  isCurrent: fc.boolean(),
  firstId: fc.option(fc.maxSafeNat(), { nil: undefined }),
  lastId: fc.option(fc.maxSafeNat(), { nil: undefined }),
  venueMs: fc.option(fc.maxSafeNat(), { nil: undefined }),
  at: fc.nat(1_000_000),
  payload: fc.uint8Array({ maxLength: 300 }),
});

const TOPIC = { name: "a", lastId: 4, hasIds: true, isBook: false, state: { phase: "live" } };

const MARK = {
  topics: [TOPIC],
  lifecycle: { phase: "connected" },
  everyMs: 1_000,
  imagesFrom: null,
  note: "",
};

describe("a batch", () => {
  it("comes out as it went in, with ages in the place of times", () => {
    fc.assert(
      fc.property(fc.array(ITEM, { maxLength: 20 }), fc.nat(10_000), (items, sinceMs) => {
        const now = Math.max(0, ...items.map(({ at }) => at)) + sinceMs;
        const batch = decodeBatch(encodeBatch(HEAD, items, now));
        expect(batch.head).toEqual(HEAD);
        expect(batch.items.map((item) => ({ ...item, payload: [...item.payload] }))).toEqual(
          items.map((item) => ({ ...item, at: -(now - item.at), payload: [...item.payload] })),
        );
      }),
    );
  });

  it("is refused with one error when anything of it is changed, and never read beyond", () => {
    const random = new SeededRandom(7);
    const [item] = fc.sample(ITEM, { numRuns: 1, seed: 1 });
    if (item === undefined) throw new Error("no sample");
    const whole = encodeBatch(HEAD, [item, item], item.at);
    const cut = (length: number): Uint8Array => whole.subarray(0, length);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeBatch(cut(length))).toThrow(
        expect.objectContaining({ code: "RELAY_FORMAT" }),
      );
    for (let i = 0; i < 2_000; i++) {
      const bytes = Buffer.from(whole);
      bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
      try {
        decodeBatch(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "RELAY_FORMAT" });
      }
    }
    const later = Buffer.from(whole);
    later[3] = 2;
    expect(() => decodeBatch(later)).toThrow(expect.objectContaining({ code: "RELAY_FORMAT" }));
  });

  it.each([
    ["no mark", undefined],
    ["a mark without topics", { ...MARK, topics: undefined }],
    ["a mark with a topic that is null", { ...MARK, topics: [null] }],
    ["a mark with a topic without a name", { ...MARK, topics: [{ lastId: null, state: {} }] }],
    ["a mark with a topic without a state", { ...MARK, topics: [{ name: "a", lastId: null }] }],
    ["a mark whose last id is text", { ...MARK, topics: [{ ...TOPIC, lastId: "1" }] }],
    ["a mark without a lifecycle", { ...MARK, lifecycle: null }],
    ["a mark without its rhythm", { ...MARK, everyMs: undefined }],
  ])("is refused when it is a watermark with %s", (_, mark) => {
    const head = { ...HEAD, kind: "mark", mark } as unknown as BatchHead;
    expect(() => decodeBatch(encodeBatch(head, [], 0))).toThrow(
      expect.objectContaining({ code: "RELAY_FORMAT" }),
    );
    const good = { ...HEAD, kind: "mark", mark: MARK } as unknown as BatchHead;
    expect(decodeBatch(encodeBatch(good, [], 0)).head.mark).toEqual(MARK);
  });
});
