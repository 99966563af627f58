import type { Random, Timer } from "@oath-ws/contract";
import { build } from "./build.js";
import { nodeRandom, nodeTimer } from "./node-runtime.js";

/** The shape of {@link nodeRuntime}. */
export interface NodeRuntime {
  /** Makes connectors, with settings of the caller's choice. */
  readonly build: typeof build;
  readonly timer: Timer;
  readonly random: Random;
  /** One HTTP request over the `fetch` of the process, looked up with every call: a polyfill or a mock that comes later counts. */
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
}

/** What venue adapters need of the platform: connections, clocks, jitter and HTTP. An adapter takes it whole, or parts replaced. */
export const nodeRuntime: NodeRuntime = {
  build,
  timer: nodeTimer,
  random: nodeRandom,
  fetch: (url, init) => fetch(url, init),
};
