import { WebSocket as PartySocket } from "partysocket";
import { WebSocket } from "ws";
import type { SoakDriver } from "@oath-ws/cli/soak";
import { driveWhatwg } from "../drive-whatwg.js";

const driver: SoakDriver = driveWhatwg(
  "partysocket",
  (url) => new PartySocket(url, [], { WebSocket }),
);

export default driver;
