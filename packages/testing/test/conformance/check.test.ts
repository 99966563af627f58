import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import {
  check,
  checkBytes,
  checkFrame,
  checkSame,
  checkWsError,
  settlement,
  started,
} from "../../src/conformance/check.js";

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

describe("the checks say what is wrong", () => {
  it.each<[string, () => unknown]>([
    ["plain words", () => check(false, "plain words")],
    ["n: expected 1, got -1", () => checkSame(-1, 1, "n")],
    ['n: expected "a", got undefined', () => checkSame(undefined, "a", "n")],
    ["n: expected a Uint8Array, got Array", () => checkBytes([], bytes(), "n")],
    ["n: length: expected 2, got 1", () => checkBytes(bytes(1), bytes(1, 2), "n")],
    ["n: byte 1 is 3, expected 2", () => checkBytes(bytes(1, 3), bytes(1, 2), "n")],
    [
      'n: kind: expected "text", got "binary"',
      () => checkFrame({ kind: "binary", data: bytes() }, "text", bytes(), "n"),
    ],
    ["n: expected a WsError, got Error", () => checkWsError(new Error("x"), "n")],
    ["n: expected a WsError, got null", () => checkWsError(null, "n")],
    [
      'n: code: expected "A", got "B"',
      () => checkWsError(new WsError({ kind: "client", code: "B", message: "" }), "n", "A"),
    ],
    [
      "n: the error has no code",
      () => checkWsError(new WsError({ kind: "client", code: "", message: "" }), "n"),
    ],
  ])("%s", (message, run) => {
    expect(run).toThrow(message);
  });

  it("nothing is said of what is right", () => {
    const error = new WsError({ kind: "client", code: "A", message: "" });
    expect(checkWsError(error, "n", "A")).toBe(error);
    checkSame(Number.NaN, Number.NaN, "n");
    checkFrame({ kind: "text", data: Buffer.from("a") }, "text", bytes(97), "n");
  });
});

it("settlement tells how a promise settled and never rejects", async () => {
  await expect(settlement(Promise.resolve(1))).resolves.toEqual({ kind: "resolved", value: 1 });
  await expect(settlement(Promise.reject(new Error("no")))).resolves.toEqual({
    kind: "rejected",
    reason: new Error("no"),
  });
});

it("started makes a synchronous throw a failure of its own", () => {
  const throwing = (): Promise<void> => {
    throw new TypeError("bad");
  };
  expect(() => started(throwing, "send()")).toThrow(
    "send() threw instead of rejecting: TypeError: bad",
  );
});
