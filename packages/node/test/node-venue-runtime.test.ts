import { build, nodeRandom, nodeRuntime, nodeTimer } from "oath-ws";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("nodeRuntime is what the platform has", () => {
  expect(nodeRuntime).toMatchObject({ build, timer: nodeTimer, random: nodeRandom });
});

it("nodeRuntime.fetch is the global one, as it is at the time of the call, and loses nothing", async () => {
  const answer = new Response("{}");
  const calls: unknown[][] = [];
  vi.stubGlobal("fetch", (...args: unknown[]) => {
    calls.push(args);
    return Promise.resolve(answer);
  });
  const { fetch } = nodeRuntime;
  const init = { method: "POST" };
  expect(await fetch("https://venue.test/", init)).toBe(answer);
  expect(calls).toEqual([["https://venue.test/", init]]);
});
