// A program of a user that knows nothing of a dashboard. It ends when its connection was made
// again.
import { once } from "node:events";
import { open } from "oath-ws";
import { Worker } from "node:worker_threads";
import { WebSocketServer } from "ws";

// It inherits the imports of the command line.
await once(new Worker(new URL("data:text/javascript,")), "exit");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
await once(server, "listening");
const connection = await open(`ws://127.0.0.1:${server.address().port}`, { name: "mine" });
if (process.argv[2] === "once") connection.trigger.forceReconnect();
while (connection.lifecycle.snapshot.epoch < 2) await connection.lifecycle.changed();
await connection.control.shutdown();
for (const socket of server.clients) socket.terminate();
server.close();
console.log("done");
