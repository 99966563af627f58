export { gatewayRuntime } from "./gateway-runtime.js";
export type { GatewayRuntime, GatewayTrust, PlatformRuntime } from "./gateway-runtime.js";
