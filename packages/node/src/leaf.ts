// What the author of a connector, or of a stack() of one's own, needs of Node.
export { fromNodeError, NODE_ERROR_RULES } from "./errors/from-node-error.js";
export type { NodeErrorRule } from "./errors/from-node-error.js";
export { nodeBind, nodeNewId, nodeRandom, nodeSpawn, nodeTimer } from "./runtime/node-runtime.js";
// A network of the caller's in place of Node's sockets.
export { networkDial } from "./network/network-dial.js";
export { networkRuntime } from "./network/network-runtime.js";
export type { NetworkRuntimeOptions } from "./network/network-runtime.js";
export { networkListen, networkPlatform } from "./network/network-server.js";
export type { Machine, NetworkPlatform } from "./network/network-server.js";
