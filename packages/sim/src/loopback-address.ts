import { pid, platform } from "node:process";

let given = 0;

/**
 * An address of the loopback network that no other process asks for, such as `127.83.4.1`. A
 * server that goes down and comes back on its port listens on one: the port of `127.0.0.1` can be
 * taken by any other process meanwhile, even by an outgoing connection.
 *
 * On macOS, where only `127.0.0.1` is there from the start, that is the answer.
 *
 * @returns an IPv4 address in text form, another one each time; keep it for the life of the server
 */
export function loopbackAddress(): string {
  if (platform === "darwin") return "127.0.0.1";
  return `127.${1 + (pid % 254)}.${Math.floor(pid / 254) % 256}.${1 + (given++ % 254)}`;
}
