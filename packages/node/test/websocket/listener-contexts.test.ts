import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { SocketEventTarget } from "../../../resilience/src/websocket/socket-event-target.js";
import { nodeBind } from "../../src/runtime/node-runtime.js";
import { connect } from "./support/node-platform.js";
import { startServer } from "./support/server.js";

const context = new AsyncLocalStorage<string>();

/** A target and what its listeners have seen: the name of each, and the context in which it ran. */
function watched(): { target: SocketEventTarget; seen: string[]; named(name: string): () => void } {
  const seen: string[] = [];
  return {
    target: new SocketEventTarget(nodeBind),
    seen,
    named: (name) => () => seen.push(`${name} in ${context.getStore() ?? "none"}`),
  };
}

describe("a listener", () => {
  it("runs in the context in which it was added, not in that of a reconnect", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url);
    const seen: (string | undefined)[] = [];
    const look = (): void => void seen.push(context.getStore());
    context.run("application", () => {
      socket.onopen = look;
      for (const type of ["close", "message", "open"] as const) socket.addEventListener(type, look);
    });
    await story.nth("open");
    context.run("request", () => socket.reconnect());
    await story.nth("open", 2);
    (await server.socket(1)).send("hello");
    await story.nth("message");
    expect(seen).toEqual(Array(6).fill("application"));
  });

  it("is still one listener when it is added twice, and can be removed", () => {
    const { target, seen, named } = watched();
    const listener = named("it");
    context.run("first", () => target.addEventListener("open", listener));
    context.run("second", () => target.addEventListener("open", listener, false));
    context.run("third", () => target.addEventListener("open", listener, true));
    target.dispatchEvent(new Event("open"));
    expect(seen.splice(0).toSorted()).toEqual(["it in first", "it in third"]);
    target.removeEventListener("open", listener);
    target.removeEventListener("open", named("never added"));
    target.dispatchEvent(new Event("open"));
    expect(seen.splice(0)).toEqual(["it in third"]);
    target.removeEventListener("open", listener, { capture: true });
    context.run("fourth", () => target.addEventListener("open", listener));
    target.dispatchEvent(new Event("open"));
    expect(seen).toEqual(["it in fourth"]);
  });

  it("that is added again after once, or after its signal, has its new context", () => {
    const { target, seen, named } = watched();
    const listener = named("it");
    const abort = new AbortController();
    context.run("once", () => target.addEventListener("open", listener, { once: true }));
    target.dispatchEvent(new Event("open"));
    target.dispatchEvent(new Event("open"));
    context.run("signal", () =>
      target.addEventListener("open", listener, { signal: abort.signal }),
    );
    target.dispatchEvent(new Event("open"));
    abort.abort();
    target.dispatchEvent(new Event("open"));
    context.run("again", () => target.addEventListener("open", listener));
    target.dispatchEvent(new Event("open"));
    expect(seen).toEqual(["it in once", "it in signal", "it in again"]);
  });

  it("is called with the target, or as a method of its object", () => {
    const target = new SocketEventTarget(nodeBind);
    const seen: unknown[] = [];
    const object = {
      handleEvent() {
        seen.push(this);
      },
    };
    target.addEventListener("open", function (this: unknown) {
      seen.push(this);
    });
    target.addEventListener("open", object);
    target.dispatchEvent(new Event("open"));
    expect(seen).toEqual([target, object]);
  });
});
