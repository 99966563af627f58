import type { SurroundingsEvent } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { expect, it, onTestFinished } from "vitest";
import { openWeb } from "../src/open-web.js";
import { watched, webSurroundings } from "../src/web-surroundings.js";
import { until } from "./support/connections.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";

/** The global scope of a page, of which the test is the platform. */
class Scope extends EventTarget {
  readonly navigator = { onLine: true };
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });

  shown(visibilityState: "hidden" | "visible"): void {
    this.document.visibilityState = visibilityState;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }
}

function listen(scope: object): { readonly told: SurroundingsEvent[]; readonly end: () => void } {
  const told: SurroundingsEvent[] = [];
  return { told, end: watched(scope).watch((event) => told.push(event)) };
}

it("the watch of the surroundings tells of the network and of a page that is shown again, until it ends", () => {
  const scope = new Scope();
  const { told, end } = listen(scope);
  expect(told).toEqual([]);
  scope.dispatchEvent(new Event("offline"));
  scope.dispatchEvent(new Event("online"));
  scope.shown("hidden");
  scope.shown("visible");
  scope.document.dispatchEvent(new Event("resume"));
  scope.dispatchEvent(new Event("pageshow"));
  const all = ["offline", "online", "awake", "awake", "awake"];
  expect(told).toEqual(all);
  end();
  scope.dispatchEvent(new Event("offline"));
  scope.shown("visible");
  expect(told).toEqual(all);
});

it("the watch of the surroundings says offline at once where the platform is, nothing without its events", () => {
  const scope = new Scope();
  scope.navigator.onLine = false;
  expect(listen(scope).told).toEqual(["offline"]);
  const { told, end } = listen({});
  end();
  expect(told).toEqual([]);
  webSurroundings.watch(() => undefined)();
});

it("openWeb() does not dial while the page is offline, and lets go of the page at the end", async () => {
  FakeWebSocket.made.length = 0;
  const scope = new Scope();
  scope.navigator.onLine = false;
  const feed = await openWeb("ws://127.0.0.1:9/", {
    WebSocket: FakeWebSocket,
    gate: new AttemptGate(),
    surroundings: watched(scope),
    probe: "ping",
    awaitFirst: false,
  });
  onTestFinished(() => feed.control.shutdown({ timeoutMs: 0 }));
  await until(feed.lifecycle, ({ waitingFor }) => waitingFor === "network");
  expect(FakeWebSocket.made).toEqual([]);
  scope.dispatchEvent(new Event("online"));
  await until(feed.lifecycle, ({ attempts }) => attempts === 1);
  await new Promise(setImmediate);
  FakeWebSocket.last.open();
  await until(feed.lifecycle, ({ phase }) => phase === "connected");
  scope.shown("visible");
  await new Promise(setImmediate);
  expect(FakeWebSocket.last.sent).toEqual(["ping"]);
  await feed.control.shutdown({ timeoutMs: 0 });
  scope.dispatchEvent(new Event("offline"));
  expect(feed.lifecycle.snapshot.waitingFor).toBeUndefined();
});

it("openWeb() refuses surroundings and a probe that cannot be used", async () => {
  const bad = { surroundings: {}, probe: "" } as never;
  await expect(openWeb("ws://127.0.0.1:9/", bad)).rejects.toThrow(
    /probe: must be a text[^]*surroundings: must have a method watch/,
  );
});
