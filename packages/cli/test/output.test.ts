import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { Output } from "../src/output.js";
import { fit, wrapped } from "../src/terminal.js";

/** A stream that says that it is a terminal, and keeps what it shows. */
function terminal(columns: number, hasColors: boolean) {
  const stream = new PassThrough();
  let shown = "";
  stream.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const parts = { isTTY: true, columns, hasColors: () => hasColors };
  return { stream: Object.assign(stream, parts) as never, shown: () => shown };
}

async function show(to: { readonly stream: never }, line: (output: Output) => string) {
  const output = new Output(to.stream, false);
  await output.show(
    () => undefined,
    () => line(output),
  );
}

it("the output colours marks on a terminal, and nothing without colours or a terminal", async () => {
  const [coloured, plain] = [terminal(80, true), terminal(80, false)];
  for (const each of [coloured, plain]) {
    await show(each, (output) => `${output.stamp()} !! GAP`);
    await show(each, () => "a peer's own !! text");
  }
  expect(coloured.shown().replaceAll("\u001b", "ESC")).toMatch(
    /^ESC\[31m\d\d:\d\d:\d\d\.\d{3} !! GAPESC\[0m\na peer's own !! text\n$/,
  );
  expect(plain.shown()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} !! GAP\na peer's own !! text\n$/);
  const pipe = new PassThrough();
  await show({ stream: pipe as never }, (output) => `${output.stamp()} !! ${"x".repeat(300)}`);
  expect(String(pipe.read())).toMatch(/^[\d:.]{12} !! x{300}\n$/);
});

it("the output cuts lines to the width of the terminal, wide characters included", async () => {
  const narrow = terminal(10, false);
  await show(narrow, () => "0123456789");
  await show(narrow, () => "0123456789a");
  expect(narrow.shown()).toBe("0123456789\n012345678…\n");
  expect(fit("\u4ef7\u683c\u4ef7\u683c\u4ef7", 10)).toBe("\u4ef7\u683c\u4ef7\u683c\u4ef7");
  expect(fit("\u4ef7\u683c\u4ef7\u683c\u4ef7\u683c", 10)).toBe("\u4ef7\u683c\u4ef7\u683c…");
});

it("the output wraps help texts at spaces: prose as paragraphs, other lines deeper than they begin", () => {
  const help = "oath-ws verb [--one] [--two]\n\nSome prose that is too\nlong.\n\nExamples:\n  a b";
  expect(wrapped(help, 20)).toBe(
    ["oath-ws verb [--one]\n  [--two]", "Some prose that is\ntoo long.", "Examples:\n  a b"].join(
      "\n\n",
    ),
  );
  expect(wrapped(help, 80)).toBe(help);
});
