import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeUtf8, utf8Length } from "../../src/primitives/utf8.js";

it("the length of a text is that of its bytes, lone surrogates included", () => {
  const unit = fc.oneof(
    fc.constantFrom("a", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ud800", "\udfff"),
    fc.string({ unit: "binary", maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join("");
      expect(utf8Length(text)).toBe(encodeUtf8(text).length);
    }),
  );
});
