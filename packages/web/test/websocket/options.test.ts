import "./global-web-socket.js";
import { isConfigError } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { thrownBy } from "../../../node/test/websocket/support/server.js";
import { openWeb } from "../../src/open-web.js";
import { sharedGate } from "../../src/web-gate.js";
import Default, { ReconnectingWebSocket, ResilientWebSocket } from "../../src/websocket/index.js";
import { FakeWebSocket } from "../support/fake-web-socket.js";

const URL = "wss://venue.test/feed?token=canary";

function issuesOf(options: unknown, Socket: typeof ReconnectingWebSocket = Default): string[] {
  const error = thrownBy(() => new Socket(URL, undefined, options as never));
  if (!isConfigError(error)) throw error;
  return error.issues.map(({ path, message }) => `${path}: ${message}`);
}

/** A socket over a fake, and the URL that it has dialled once it has. */
async function dialled(
  url: ConstructorParameters<typeof ReconnectingWebSocket>[0],
): Promise<unknown> {
  const { length } = FakeWebSocket.made;
  const socket = new ReconnectingWebSocket(url, [], { WebSocket: FakeWebSocket });
  onTestFinished(() => socket.close());
  await vi.waitUntil(() => FakeWebSocket.made.length > length);
  return FakeWebSocket.last.args[0];
}

describe("the options", () => {
  it("are told of, everything that is wrong with them at once", () => {
    const options = {
      binaryType: "nodebuffer",
      whileDown: "queue",
      config: { backoff: { factor: 0 } },
      tls: {},
      headersSupported: 1,
      WebSocket: 1,
      probe: 7,
      debug: true,
      maxRetries: 9,
    };
    expect(issuesOf(options)).toEqual([
      "tls: is not an option",
      "debug: is tracer, or webDiagnostics.onTrace() of @oath-ws/web",
      "maxRetries: is config.attempts.maxAttempts, which counts the first attempt too",
      "binaryType: must be one of arraybuffer, blob",
      'whileDown: must be "throw" or "wait"',
      expect.stringContaining("probe: "),
      "backoff.factor: must be at least 1, got 0",
      "WebSocket: must be a constructor, got number",
      "headersSupported: must be a boolean, got number",
    ]);
  });

  it.each([null, 7, [[]]])("that are %s are refused", (options) => {
    expect(issuesOf(options)).toEqual(["options: must be an object"]);
  });

  it("of a socket that ends with its connection are not those of one that reconnects", () => {
    const options = { whileDown: "wait", classify: { classify: () => "permanent" } };
    const issues = issuesOf(options, ResilientWebSocket as never);
    expect(issues).toEqual([
      expect.stringMatching(/^whileDown: .*ReconnectingWebSocket/),
      expect.stringMatching(/^classify: .*ReconnectingWebSocket/),
    ]);
  });

  it.each([
    ["ftp://venue.test/canary", undefined, undefined, "URL_INVALID"],
    ["canary", undefined, undefined, "URL_INVALID"],
    [URL, ["v1", "V1"], undefined, "HANDSHAKE_OPTIONS_INVALID"],
    [URL, ["two words"], undefined, "HANDSHAKE_OPTIONS_INVALID"],
    [URL, [], { headers: { "x-key": "canary" } }, "HANDSHAKE_OPTIONS_INVALID"],
  ])("refuse the handshake %s, %s, %s", (url, protocols, options, code) => {
    for (const Socket of [ReconnectingWebSocket, ResilientWebSocket]) {
      const error = thrownBy(() => new Socket(url, protocols, options)) as DOMException;
      expect(error).toMatchObject({ name: "SyntaxError", cause: { code, kind: "client" } });
      expect(error.message).not.toContain("canary");
    }
  });

  it("may not make the class of itself, where it has replaced the platform's", () => {
    const issue = [expect.stringMatching(/^WebSocket: must be the platform's own class/)];
    expect(issuesOf({ WebSocket: ResilientWebSocket })).toEqual(issue);
  });
});

describe("a URL", () => {
  it("is relative to the page where there is one", async () => {
    vi.stubGlobal("location", { href: "https://shop.test/app/index.html" });
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(await dialled("../feed?a=1")).toBe("wss://shop.test/feed?a=1");
    expect(await dialled(() => "/feed")).toBe("wss://shop.test/feed");
  });

  it("of a function is counted for its host by the gate that openWeb() uses as well", async () => {
    const reserved = vi.spyOn(sharedGate, "reserve");
    onTestFinished(() => reserved.mockRestore());
    expect(sharedGate).toBeInstanceOf(AttemptGate);
    await dialled(() => "wss://counted.test/");
    const feed = await openWeb("wss://counted.test/", {
      WebSocket: FakeWebSocket,
      awaitFirst: false,
    });
    onTestFinished(() => feed.control.shutdown({ timeoutMs: 0 }));
    expect(reserved.mock.calls.map(([{ url }]) => url)).toEqual([
      expect.stringMatching(/\.invalid\/$/),
      "wss://counted.test/",
      "wss://counted.test/",
    ]);
  });
});

it("a listener is one listener when it is added twice, without async contexts too", () => {
  const socket = new ResilientWebSocket(URL, [], { WebSocket: FakeWebSocket });
  onTestFinished(() => socket.close());
  const seen: unknown[] = [];
  const listener = (): void => void seen.push("told");
  socket.addEventListener("open", listener);
  socket.addEventListener("open", listener);
  socket.dispatchEvent(new Event("open"));
  expect(seen).toEqual(["told"]);
  socket.removeEventListener("open", listener);
  socket.dispatchEvent(new Event("open"));
  expect(seen).toEqual(["told"]);
});

it("a Blob or a buffer of another frame of the page is told by its tag", async () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { length } = FakeWebSocket.made;
  const socket = new ReconnectingWebSocket(URL, [], { WebSocket: FakeWebSocket });
  onTestFinished(() => socket.close());
  await vi.waitUntil(() => FakeWebSocket.made.length > length);
  const platform = FakeWebSocket.last;
  platform.open();
  await vi.waitUntil(() => socket.readyState === socket.OPEN);
  const foreign = { [Symbol.toStringTag]: "Blob" };
  expect(thrownBy(() => socket.send(foreign as never))).toMatchObject({ code: "FRAME_INVALID" });
  expect(thrownBy(() => socket.send(new File([], "x") as never))).toMatchObject({
    code: "FRAME_INVALID",
  });
  socket.send(Uint8Array.of(1, 2).buffer);
  expect(platform.sent).toEqual([Uint8Array.of(1, 2)]);
});
