import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const EXAMPLES = new URL("examples/", import.meta.url);

const PAGES = [
  "../README.md",
  "../../../docs/howto/send-orders.md",
  "../../../docs/howto/two-lines-and-backfill.md",
];

it.each(PAGES)("every example of %s is compiled as it stands there", (page) => {
  const regions = readdirSync(EXAMPLES).flatMap((file) => {
    const source = readFileSync(new URL(file, EXAMPLES), "utf8");
    return [...source.matchAll(/\/\/ #region \S+\n(.*?)\/\/ #endregion/gs)].map(([, code = ""]) =>
      code.trim(),
    );
  });
  const text = readFileSync(new URL(page, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code.trim());
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) expect(regions).toContain(block);
});
