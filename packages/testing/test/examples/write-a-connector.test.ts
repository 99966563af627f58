// The examples of docs/howto/write-a-connector.md. test/docs.test.ts compares the two.
import type { WsConnection, WsConnector, WsError } from "@oath-ws/contract";
import type { MockRuntime } from "../../src/mock-connector.js";
import { platformConnector } from "./platform-leaf.js";
import type { PlatformDial, PlatformEvents, PlatformSocket } from "./platform-socket.js";
// #region suite
import { connectorConformance, mockHarness } from "@oath-ws/testing";
import type { ConformanceHarness } from "@oath-ws/testing";
import { describe, it } from "vitest";

function conforms(createHarness: () => ConformanceHarness): void {
  for (const { name, run } of connectorConformance(createHarness)) {
    it(name, async (context) => {
      const outcome = await run();
      if (outcome !== "passed") context.skip(outcome); // "skipped: the case needs ..."
    });
  }
}
// #endregion

// #region layer
/** A layer that times dials: it must keep the contract of what it wraps. */
function timed(
  inner: WsConnector,
  { timer }: Pick<MockRuntime, "timer">,
  report: (ms: number) => void,
): WsConnector {
  return {
    async connect(handshake, options) {
      const before = timer.now();
      const connection = await inner.connect(handshake, options);
      report(timer.now() - before);
      return connection;
    },
  };
}

describe("the timing layer", () =>
  conforms(() => mockHarness({ wrap: (leaf, world) => timed(leaf, world, () => undefined) })));
// #endregion

describe("the leaf of the how-to", () =>
  conforms(() => {
    const wrap = (leaf: WsConnector, runtime: MockRuntime): WsConnector =>
      platformConnector(platformOver(leaf), runtime.timer, runtime.spawn);
    const harness = mockHarness({ wrap });
    // The library does not tell when a part of a frame arrives.
    return { ...harness, capabilities: { ...harness.capabilities, partialFrames: false } };
  }));

/** The how-to's callback-style library, played by the mock connector. */
function platformOver(connector: WsConnector): PlatformDial {
  return (url, protocols, headers, events) => {
    const abort = new AbortController();
    let connection: WsConnection | undefined;
    connector.connect({ url, protocols, headers }, { signal: abort.signal }).then(
      (opened) => {
        connection = opened;
        events.open();
        void pump(opened, events);
      },
      (error: WsError) => events.refused(error.status, error.retryAfterMs),
    );
    const socket: PlatformSocket = {
      get protocol() {
        return connection?.protocol ?? "";
      },
      send: (kind, data, done) => {
        // A library that forgets its callbacks when the socket dies.
        connection?.sink.send({ kind, data }).then(
          () => done(),
          () => undefined,
        );
      },
      close: (code, reason) => void connection?.sink.close(code, reason),
      terminate: () => {
        abort.abort();
        connection?.destroy();
      },
    };
    return socket;
  };
}

async function pump({ source }: WsConnection, events: PlatformEvents): Promise<void> {
  try {
    while (await source.readable()) {
      const frame = source.take();
      if (frame?.kind === "close") events.closeFrame(frame.code, frame.data);
      else if (frame !== undefined) events.frame(frame.kind, frame.data);
    }
  } catch {
    // A reset; like every end it is told below.
  }
  events.end();
}
