import { ReconnectingWebSocket, ResilientWebSocket } from "../../../src/websocket/index.js";
import { connecting } from "../suite/platform.js";
import type { Platform } from "../suite/platform.js";

const classes = { ReconnectingWebSocket, ResilientWebSocket };

export const { connect, connectOnce } = connecting(classes, {});

/** The classes of `oath-ws/websocket`. */
export const nodePlatform: Platform = {
  ...classes,
  connect,
  connectOnce,
  refused: "UPGRADE_REFUSED",
  absent: "ECONNREFUSED",
  tellsStatus: true,
  transports: [{ transport: "ws" }, { transport: "direct" }],
};
