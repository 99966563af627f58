import { AsyncLocalStorage } from "node:async_hooks";
import { AttemptGate } from "@oath-ws/resilience";
import { accept, acceptThenClose } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { HANDSHAKE, Rig } from "./support/rig.js";

const context = new AsyncLocalStorage<string>();

it("hooks, listeners and dials run where they were given, whatever asks for a reconnect", async () => {
  const seen = new Map<string, Set<string | undefined>>();
  const note = (hook: string): void => {
    seen.set(hook, (seen.get(hook) ?? new Set()).add(context.getStore()));
  };
  class NotingGate extends AttemptGate {
    override reserve(
      ...args: Parameters<AttemptGate["reserve"]>
    ): ReturnType<AttemptGate["reserve"]> {
      note("gate");
      return super.reserve(...args);
    }
  }
  const make = (): Rig =>
    new Rig({
      config: { attempts: { max: 100 } },
      script: [accept(), acceptThenClose(1001, "restart")],
      otherwise: accept(),
      stack: { bind: (fn) => AsyncLocalStorage.bind(fn) },
      gate: new NotingGate(),
      auth: {
        authorize: (handshake) => {
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
      onTrace: () => note("tracer"),
      wrap: (leaf) => ({
        connect: (...args) => {
          note("dial");
          return leaf.connect(...args);
        },
      }),
    });
  const rig = context.run("maker", make);
  const connection = await context.run("opener", () => rig.up(HANDSHAKE));
  context.run("subscriber", () => connection.lifecycle.subscribe(() => note("listener")));
  context.run("request 4711", () => connection.trigger.forceReconnect("asked"));
  await context.run("driver", () => rig.untilEpoch(connection, 3));
  await context.run("request 4712", () => rig.world.complete(connection.control.shutdown()));

  expect(Object.fromEntries([...seen].map(([hook, where]) => [hook, [...where]]))).toEqual({
    gate: ["maker"],
    auth: ["maker"],
    classify: ["maker"],
    tracer: ["maker"],
    listener: ["subscriber"],
    // Sockets and their timers keep alive the context in which they are made.
    dial: ["opener"],
  });
});
