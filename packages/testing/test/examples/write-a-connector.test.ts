// The examples of docs/howto/write-a-connector.md. test/docs.test.ts compares the two.
import type { LeafConnection, LeafEvents, Timer, WsConnector, WsError } from "@oath-ws/contract";
import { ForwardedEvents } from "@oath-ws/resilience/leaf";
import type { MockRuntime } from "../../src/mock-connector.js";
import { platformConnector } from "./platform-leaf.js";
import type { PlatformDial, PlatformSocket } from "./platform-socket.js";
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
function timed(inner: WsConnector, timer: Pick<Timer, "now">, report: (ms: number) => void) {
  return {
    connect(handshake, events, options) {
      const before = timer.now();
      const timing = new (class extends ForwardedEvents {
        override opened(connection: LeafConnection): void {
          report(timer.now() - before);
          super.opened(connection);
        }
      })(events);
      return inner.connect(handshake, timing, options);
    },
  } satisfies WsConnector;
}

describe("the timing layer", () =>
  conforms(() =>
    mockHarness({ wrap: (leaf, world) => timed(leaf, world.timer, () => undefined) }),
  ));
// #endregion

describe("the connector of the how-to", () =>
  conforms(() => {
    const wrap = (leaf: WsConnector, { timer }: MockRuntime): WsConnector =>
      platformConnector(platformOver(leaf), timer);
    const harness = mockHarness({ wrap });
    // The library does not tell when a part of a frame arrives.
    return { ...harness, capabilities: { ...harness.capabilities, partialFrames: false } };
  }));

/** The how-to's callback-style library, played by the mock connector. */
function platformOver(connector: WsConnector): PlatformDial {
  return (url, protocols, headers, events) => {
    const abort = new AbortController();
    let connection: LeafConnection | undefined;
    const told: LeafEvents = {
      opened: (opened) => {
        connection = opened;
        events.onOpen();
      },
      read: () => undefined,
      dropped: () => undefined,
      frame: ({ kind, data }) => events.onFrame(kind, data),
      closed: (code, reason) =>
        events.onCloseFrame(
          code,
          typeof reason === "string" ? new TextEncoder().encode(reason) : reason,
        ),
      ended: () => events.onEnd(),
    };
    connector
      .connect({ url, protocols, headers }, told, { signal: abort.signal })
      .catch((error: WsError) => events.onRefused(error.status, error.retryAfterMs));
    const socket: PlatformSocket = {
      get protocol() {
        return connection?.protocol ?? "";
      },
      get pendingBytes() {
        return connection?.bufferedBytes ?? 0;
      },
      send: (kind, data, done) => {
        // A library that forgets its callbacks when the socket dies.
        connection?.send({ kind, data }, { sent: () => done(), failed: () => undefined });
      },
      close: (code, reason) => connection?.close(code, reason),
      terminate: () => {
        abort.abort();
        connection?.destroy();
      },
    };
    return socket;
  };
}
