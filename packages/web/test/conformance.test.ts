import { connectorConformance } from "@oath-ws/testing";
import type { ConformanceHarness } from "@oath-ws/testing";
import { WebSocket as UndiciWebSocket } from "undici";
import { describe, expect, it } from "vitest";
import { WebSocket as NpmWebSocket } from "ws";
import { webHarness } from "./support/web-harness.js";

/** A promise that a platform does not let the leaf keep. */
interface Departure {
  readonly case: string;
  readonly why: string;
  /**
   * What the case then says; absent: it would only wait in vain, so it is skipped. Should it ever
   * pass, the test tells.
   */
  readonly fails?: string;
}

/** What the standard takes away from every leaf over a WHATWG socket. */
const OF_THE_STANDARD: readonly Departure[] = [
  {
    case: "closing: what the peer sends before it answers close() is still delivered",
    why: "a message for a socket that is closing is thrown away (WHATWG WebSockets, section 4)",
    fails: "the frame before the answer",
  },
];

const OF_UNDICI: readonly Departure[] = [
  ...OF_THE_STANDARD,
  {
    case: "dialling: a subprotocol that was not offered fails the handshake",
    why: "undici fails the handshake but leaves its socket open",
  },
];

function suite(createHarness: () => ConformanceHarness, departures: readonly Departure[]): void {
  const cases = connectorConformance(createHarness);
  it("departs only from promises that the suite makes", () => {
    expect(cases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(departures.map((departure) => departure.case)),
    );
  });
  for (const { name, run } of cases) {
    it(name, async (context) => {
      const departure = departures.find((candidate) => candidate.case === name);
      if (departure?.fails !== undefined) {
        await expect(run(), departure.why).rejects.toThrow(departure.fails);
      } else {
        const outcome = departure === undefined ? await run() : departure.why;
        if (outcome !== "passed") context.skip(outcome);
      }
    });
  }
}

describe("web leaf over undici, used as in a browser", () =>
  suite(() => webHarness({ WebSocket: UndiciWebSocket }), OF_UNDICI));

describe("web leaf over undici, with headers", () =>
  suite(
    () =>
      webHarness({ WebSocket: UndiciWebSocket, headersSupported: true }, { requestHeaders: true }),
    OF_UNDICI,
  ));

// It goes beyond the standard where the standard is weak, so here the leaf owes everything.
describe("web leaf over npm ws, which has terminate()", () =>
  suite(() => webHarness({ WebSocket: NpmWebSocket }), []));
