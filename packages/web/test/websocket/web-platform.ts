import "./global-web-socket.js";
import { connecting } from "../../../node/test/websocket/suite/platform.js";
import type { Classes, Platform } from "../../../node/test/websocket/suite/platform.js";
import { ReconnectingWebSocket, ResilientWebSocket } from "../../src/websocket/index.js";

// The suites are written for the types of Node's classes, whose options differ.
const classes = { ReconnectingWebSocket, ResilientWebSocket } as unknown as Classes;

/** The classes of `@oath-ws/web/websocket`, over the WebSocket of this Node. */
export const webPlatform: Platform = {
  ...classes,
  ...connecting(classes, { headersSupported: true } as object),
  refused: "CONNECT_FAILED",
  absent: "CONNECT_FAILED",
  tellsStatus: false,
  transports: [{}],
};
