import { ConnectionNames } from "@oath-ws/resilience";
import type { StackOptions } from "@oath-ws/resilience";
import { announceConnection } from "./diagnostics.js";
import { nodeBind, nodeNewId, nodeRandom, nodeSpawn, nodeTimer } from "./node-runtime.js";

/** What every stack on Node is assembled over. Names are numbered in the whole process. */
export const nodeSeams: Pick<
  StackOptions,
  "timer" | "spawn" | "random" | "newId" | "bind" | "names" | "onConnection"
> = {
  timer: nodeTimer,
  spawn: nodeSpawn,
  random: nodeRandom,
  newId: nodeNewId,
  bind: nodeBind,
  names: new ConnectionNames(),
  onConnection: announceConnection,
};
