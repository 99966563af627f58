import { describe } from "vitest";
import { faultsSuite } from "../../../node/test/websocket/suite/faults.js";
import { reconnectingSuite } from "../../../node/test/websocket/suite/reconnecting.js";
import { resilientSuite } from "../../../node/test/websocket/suite/resilient.js";
import { sendingSuite } from "../../../node/test/websocket/suite/sending.js";
import { webPlatform } from "./web-platform.js";

// The suites of the classes of `oath-ws/websocket`, over the platform's own socket.
describe("the classes of the web package", () => {
  reconnectingSuite(webPlatform);
  resilientSuite(webPlatform);
  sendingSuite(webPlatform);
  faultsSuite(webPlatform);
});
