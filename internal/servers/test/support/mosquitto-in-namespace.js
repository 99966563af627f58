// Runs in a network namespace of its own: mosquitto, and a relay from a socket in the file system,
// which any namespace can reach.
//   mosquitto-in-namespace.js CONFIG PORT SOCKET
import { execFileSync, spawn } from "node:child_process";
import { connect, createServer } from "node:net";

const [config, port, socket] = process.argv.slice(2);
execFileSync("ip", ["link", "set", "lo", "up"]);
const broker = spawn("mosquitto", ["-c", config], { stdio: "inherit" });
broker.on("exit", (code) => process.exit(code ?? 1));
process.on("SIGTERM", () => broker.kill());
// Whatever ends this process ends the broker, and with it the namespace.
process.on("exit", () => broker.kill("SIGKILL"));

createServer({ allowHalfOpen: true }, (client) => {
  const server = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
  client.pipe(server).pipe(client);
  client.on("error", () => server.destroy());
  server.on("error", () => client.destroy());
  client.on("close", () => server.destroy());
}).listen(socket);
