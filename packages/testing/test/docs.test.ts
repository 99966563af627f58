import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

// Those with real sockets are with the tests of the front door.
const EXAMPLES = ["examples/", "../../node/test/examples/"].map(
  (folder) => new URL(folder, import.meta.url),
);

/** What stands between `#region` and `#endregion` in the examples, which are compiled and run. */
const regions = EXAMPLES.flatMap((folder) =>
  readdirSync(folder).flatMap((file) => {
    const source = readFileSync(new URL(file, folder), "utf8");
    return [...source.matchAll(/\/\/ #region \S+\n(.*?)\/\/ #endregion/gs)].map(([, code = ""]) =>
      code.trim(),
    );
  }),
);

describe("every example", () => {
  it.each([
    ["README.md", "../README.md"],
    ["test-in-virtual-time.md", "../../../docs/howto/test-in-virtual-time.md"],
    ["write-a-connector.md", "../../../docs/howto/write-a-connector.md"],
  ])("of %s is compiled and run as it stands there", (_, path) => {
    const text = readFileSync(new URL(path, import.meta.url), "utf8");
    const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code.trim());
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect(regions).toContain(block);
  });
});
