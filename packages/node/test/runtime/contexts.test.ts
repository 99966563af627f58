import { AsyncLocalStorage } from "node:async_hooks";
import { WebSocketServer } from "ws";
import { expect, it, onTestFinished } from "vitest";
import { open } from "../../src/open.js";
import type { OpenOptions } from "../../src/open.js";

const context = new AsyncLocalStorage<string>();

it.each(["ws", "direct"] as const)(
  "hooks and listeners keep the context in which they were given: leaf %s",
  async (leaf) => {
    const venue = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise((resolve) => venue.once("listening", resolve));
    onTestFinished(() => venue.close());
    const { port } = venue.address() as { readonly port: number };
    const seen: Record<string, Set<string | undefined>> = {};
    const note = (hook: string): void => {
      (seen[hook] ??= new Set()).add(context.getStore());
    };
    const options: OpenOptions = {
      transport: leaf,
      config: { backoff: { firstMs: 0, minMs: 1, maxMs: 2 } },
      auth: {
        authorize: async (handshake) => {
          note("auth");
          return handshake;
        },
      },
      classify: {
        classify: () => {
          note("classify");
          return "transient";
        },
      },
      tracer: { trace: ({ kind }) => note(`tracer: ${kind}`) },
      // Runs in the dial, whose socket would keep the context of a request alive.
      socket: {
        lookup: (_host, _options, found) => {
          note("lookup");
          found(null, [{ address: "127.0.0.1", family: 4 }]);
        },
      },
    };
    const feed = await context.run("opener", () => open(`ws://localhost:${port}/`, options));
    context.run("subscriber", () => feed.lifecycle.subscribe(() => note("listener")));
    const reach = async (epoch: number): Promise<void> => {
      while (feed.lifecycle.snapshot.epoch < epoch)
        await feed.lifecycle.changed({ since: feed.lifecycle.snapshot });
    };
    context.run("request 4711", () => feed.trigger.forceReconnect("asked"));
    await reach(2);
    for (const client of venue.clients) client.terminate();
    await reach(3);
    await context.run("request 4712", () => feed.control.shutdown());

    const { listener, ...hooks } = seen;
    expect([...(listener ?? [])]).toEqual(["subscriber"]);
    expect(Object.keys(hooks)).toEqual(
      expect.arrayContaining(["auth", "classify", "lookup", "tracer: attempt", "tracer: failure"]),
    );
    for (const [hook, where] of Object.entries(hooks)) expect([...where], hook).toEqual(["opener"]);
  },
);
