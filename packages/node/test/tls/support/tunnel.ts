import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { ClientRequestArgs, IncomingMessage } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import { onTestFinished } from "vitest";

/** How a proxy answers CONNECT. */
export type ProxyBehaviour =
  | "tunnels"
  | "refuses"
  | "forbids"
  | "is overloaded"
  | "hangs"
  | "resets"
  | "answers late";

/** It asks to be left alone for an hour, which is not the venue's word. */
const OVERLOADED = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3600\r\n\r\n";

/** A proxy on loopback. */
export interface Proxy {
  readonly port: number;
  /** What it was asked to connect to. */
  readonly asked: readonly string[];
  /** With what `Proxy-Authorization`. */
  readonly authorizations: readonly (string | undefined)[];
  /** Its clients' connections. */
  readonly clients: readonly Duplex[];
  /** Resolves when it was asked for the first time. */
  readonly reached: Promise<unknown>;
  /** Lets the tunnels through that are to come late. */
  readonly release: () => void;
}

/** Starts one; it is stopped when the test is over. */
export async function startProxy(behaviour: ProxyBehaviour): Promise<Proxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const clients: Duplex[] = [];
  const late: (() => void)[] = [];
  const upstreams: Socket[] = [];
  const server = createServer();
  const tunnel = (target: string, client: Duplex): void => {
    const at = target.lastIndexOf(":");
    const upstream = connect(Number(target.slice(at + 1)), target.slice(0, at), () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstreams.push(upstream);
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  };
  server.on("connect", (incoming: IncomingMessage, client: Duplex) => {
    const target = incoming.url ?? "";
    asked.push(target);
    authorizations.push(incoming.headers["proxy-authorization"]);
    clients.push(client);
    client.on("error", () => undefined);
    switch (behaviour) {
      case "tunnels":
        return tunnel(target, client);
      case "refuses":
        return void client.end(
          "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: " +
            "Basic\r\nContent-Length: 0\r\n\r\n",
        );
      case "forbids":
        return void client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      case "is overloaded":
        return void client.end(OVERLOADED);
      case "resets":
        return void client.destroy();
      case "answers late":
        late.push(() => tunnel(target, client));
        return;
      case "hangs":
        return;
      default:
        behaviour satisfies never;
    }
  });
  const reached = once(server, "connect");
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of [...clients, ...upstreams]) socket.destroy();
    server.close();
  });
  const release = (): void => {
    for (const open of late) open();
  };
  const { port } = server.address() as AddressInfo;
  return { port, asked, authorizations, clients, reached, release };
}

type Done = (error: Error | null, socket?: Duplex) => void;
type Target = ClientRequestArgs & ConnectionOptions;

/**
 * Asks the proxy for a way to the target. What it answers instead of 200 becomes an error with a
 * code of the agent's own.
 */
function tunnelTo(proxy: Proxy, target: Target, done: Done): void {
  const asking = request({
    host: "127.0.0.1",
    port: proxy.port,
    method: "CONNECT",
    path: `${target.host ?? ""}:${target.port ?? ""}`,
    agent: false,
  });
  asking.on("connect", (response, socket) => {
    if (response.statusCode === 200) return done(null, socket);
    socket.destroy();
    const error = new Error(`the proxy answered ${response.statusCode}`);
    done(Object.assign(error, { code: "EPROXY" }));
  });
  asking.on("error", (error) => done(error));
  asking.end();
}

/** An agent for `ws:` that goes through the proxy, as those from npm do. */
export function tunnelAgent(proxy: Proxy): Agent {
  const agent = new Agent();
  Object.assign(agent, {
    createConnection: (target: Target, done: Done): void => tunnelTo(proxy, target, done),
  });
  return agent;
}

/** The same for `wss:`: TLS goes through the tunnel, to the target. */
export function secureTunnelAgent(proxy: Proxy): SecureAgent {
  const agent = new SecureAgent();
  Object.assign(agent, {
    createConnection: (target: Target, done: Done): void => {
      tunnelTo(proxy, target, (error, socket) => {
        if (error !== null || socket === undefined) return done(error);
        done(
          null,
          tlsConnect({ ...target, path: undefined, socket: socket as Socket } as ConnectionOptions),
        );
      });
    },
  });
  return agent;
}
