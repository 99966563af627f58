// To be imported before the package: Node 20 has no WebSocket, and undici's is that of Node 22.
import { WebSocket } from "undici";

const scope = globalThis as { WebSocket?: unknown };
scope.WebSocket ??= WebSocket;
