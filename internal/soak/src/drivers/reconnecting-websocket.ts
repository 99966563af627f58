import reconnecting from "reconnecting-websocket";
import { WebSocket } from "ws";
import type { SoakDriver } from "@oath-ws/cli/soak";
import { driveWhatwg } from "../drive-whatwg.js";

// A CommonJS module whose types speak of a default export: at run time Node gives the class itself
// or its module.
const ReconnectingWebSocket = "default" in reconnecting ? reconnecting.default : reconnecting;

const driver: SoakDriver = driveWhatwg(
  "reconnecting-websocket",
  (url) => new ReconnectingWebSocket(url, [], { WebSocket }),
);

export default driver;
