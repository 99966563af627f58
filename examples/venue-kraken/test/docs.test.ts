import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const EXAMPLE = new URL("../", import.meta.url);
const PAGE = new URL("../../../docs/howto/write-a-venue.md", import.meta.url);

const sources = ["src/", "sim/", "test/"].flatMap((folder) =>
  readdirSync(new URL(folder, EXAMPLE))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(`${folder}${file}`, EXAMPLE), "utf8")),
);

it("every block of write-a-venue.md stands in a file as it is", () => {
  const page = readFileSync(PAGE, "utf8");
  const blocks = Array.from(page.matchAll(/```ts\n(.*?)\n```/gs), ([, code = ""]) => code);
  expect(blocks.length).toBeGreaterThan(15);
  expect(blocks.filter((block) => !sources.some((source) => source.includes(block)))).toEqual([]);
});
