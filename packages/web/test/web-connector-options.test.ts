import { isConfigError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { resolveWebOptions } from "../src/web-connector-options.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";

function issuesOf(options: unknown): string[] {
  try {
    resolveWebOptions(options as never);
  } catch (error) {
    if (isConfigError(error)) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("the options", () => {
  it("have defaults", () => {
    expect(resolveWebOptions({ WebSocket: FakeWebSocket })).toMatchObject({
      WebSocket: FakeWebSocket,
      headersSupported: false,
      maxMessageBytes: 32 * 1024 * 1024,
      maxBufferedBytes: 16 * 1024 * 1024,
      closeTimeoutMs: 5000,
    });
  });

  it("take the platform's WebSocket, as it is when the connector is made", () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    Object.defineProperty(globalThis, "WebSocket", {
      value: undefined,
      configurable: true,
      writable: true,
    });
    expect(issuesOf({})).toEqual(["WebSocket: is required: this platform has no global WebSocket"]);
    Object.defineProperty(globalThis, "WebSocket", {
      value: FakeWebSocket,
      configurable: true,
      writable: true,
    });
    expect(resolveWebOptions().WebSocket).toBe(FakeWebSocket);
    if (before === undefined) Reflect.deleteProperty(globalThis, "WebSocket");
    else Object.defineProperty(globalThis, "WebSocket", before);
  });

  it("tell everything that is wrong with them at once", () => {
    const options = {
      WebSocket: "WebSocket",
      headersSupported: "yes",
      maxMessageBytes: 0,
      maxBufferedBytes: 1.5,
      closeTimeoutMs: Number.NaN,
      timer: {},
      closeTimeout: 5,
    };
    expect(issuesOf(options)).toEqual([
      "closeTimeout: is not an option (known: WebSocket, headersSupported, maxMessageBytes, " +
        "maxBufferedBytes, closeTimeoutMs, timer)",
      "WebSocket: must be a constructor, got string",
      "headersSupported: must be a boolean, got string",
      "maxMessageBytes: must be at least 1, got 0",
      "maxBufferedBytes: must be a whole number, got 1.5",
      "closeTimeoutMs: must be finite, got NaN",
      "timer: must have a method now()",
      "timer: must have a method wallNow()",
      "timer: must have a method schedule()",
    ]);
  });

  it.each([null, 7])("are refused when they are %s", (options) => {
    expect(issuesOf(options)[0]).toMatch(/^options: must be an object/);
  });
});
