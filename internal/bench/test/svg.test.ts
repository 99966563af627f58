import { expect, test } from "vitest";
import { svg } from "../src/report/plots/svg.js";

const spread = (median: number, low = median, high = median) => ({ median, low, high });

/** The numbers of an attribute, in the order of the picture. */
function attributes(picture: string, element: string, name: string): number[] {
  return [
    ...picture.matchAll(
      new RegExp(`<${element} class="(?:base|direct|range)"[^>]* ${name}="([^"]+)"`, "g"),
    ),
  ].map((found) => Number(found[1]));
}

test("bars are as long as what they stand for, and a wild range is cut off at the edge of its panel", () => {
  const picture = svg({
    name: "x",
    title: `"a" < b & c`,
    panels: [
      {
        title: "150 B",
        bars: [
          { label: "ws", tone: "base", value: spread(1), text: "1" },
          { label: "ours", tone: "direct", value: spread(2, 1, 1_000), text: "2" },
        ],
        reference: 1,
      },
    ],
  });
  const [, , base, ours] = attributes(picture, "rect", "width");
  expect(ours).toBe((base ?? Number.NaN) * 2);
  const [, end] = attributes(picture, "line", "x2");
  const [width] = /viewBox="0 0 (\d+)/.exec(picture)?.slice(1).map(Number) ?? [];
  expect(end).toBeLessThan(width ?? 0);
  expect(picture).toContain("&quot;a&quot; &lt; b &amp; c");
  expect(picture).toContain("prefers-color-scheme: dark");
});

test("a panel in which nothing was measured is empty, not broken", () => {
  const picture = svg({ name: "x", title: "none", panels: [{ title: "150 B", bars: [] }] });
  expect(picture).not.toMatch(/NaN|Infinity/);
});
