// What the author of a connector, or of a stack() of one's own, needs of Node.
export { fromNodeError, NODE_ERROR_RULES } from "./errors/from-node-error.js";
export type { NodeErrorRule } from "./errors/from-node-error.js";
export { nodeBind, nodeNewId, nodeRandom, nodeSpawn, nodeTimer } from "./runtime/node-runtime.js";
