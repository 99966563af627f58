import { Buffer, isAscii, isUtf8 } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGE_BYTES } from "../../src/leaf/shared-memory.js";
import { TextUse } from "../../src/direct/text-use.js";
import { TextCheck } from "../../src/direct/text-check.js";

/** Mostly ASCII, with something else here and there, since one byte decides. */
const payload = fc
  .tuple(
    fc.integer({ min: 0, max: 1300 }),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.oneof(fc.constant("é"), fc.constant("€"), fc.constant("\ufeff"), fc.nat({ max: 255 })),
      ),
      {
        maxLength: 2,
      },
    ),
  )
  .map(([length, others]) => {
    const bytes = Buffer.alloc(length, "a");
    for (const [at, other] of others) {
      if (length > 0)
        Buffer.from(typeof other === "string" ? other : [other]).copy(bytes, at % length);
    }
    return bytes;
  });

describe("a text anywhere in a page of anything", () => {
  it("is told apart as the platform does, and decoded alike", () => {
    const check = new TextCheck();
    fc.assert(
      fc.property(
        payload,
        fc.nat({ max: 9 }),
        fc.nat({ max: 9 }),
        fc.nat({ max: 7 }),
        (bytes, before, after, offset) => {
          // All around is what is no ASCII: a look over the edge would show.
          const memory = Buffer.alloc(offset + before + bytes.length + after, 0xff);
          const page = Buffer.from(
            memory.buffer,
            memory.byteOffset + offset,
            memory.length - offset,
          );
          bytes.copy(page, before);
          const found = check.of(page, before, before + bytes.length);
          expect(found).toBe(isAscii(bytes) ? "ascii" : isUtf8(bytes) ? "utf8" : "malformed");
          const frame = new InboundFrame(
            "text",
            page,
            before,
            bytes.length,
            found === "ascii" ? new TextUse() : PAGE_BYTES,
          );
          expect(frame.text()).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
          expect(bytes.equals(frame.data)).toBe(true);
          expect(frame.data).toBe(frame.data);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
