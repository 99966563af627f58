import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import type { NewId, Random, Spawn, Timer } from "@oath-ws/contract";
import { AttemptGate, ConnectionNames, stack } from "@oath-ws/resilience";
import type { Gate } from "@oath-ws/resilience";
import type { ByteNetwork } from "@oath-ws/resilience/leaf";
import { stackOptions } from "../build.js";
import type { BuildOptions } from "../build.js";
import { BUILD_KEYS, unknownOptionIssues } from "../options/build-parts.js";
import { resolveTls } from "../options/resolve-tls.js";
import { strictFetch } from "../rest/strict-fetch.js";
import { announceReader } from "../runtime/diagnostics.js";
import type { NodeRuntime } from "../runtime/node-venue-runtime.js";
import { networkDial, networkStream } from "./network-dial.js";

/** No TLS is spoken: one that every runtime is given, since to make one takes milliseconds. */
let unusedContext: SecureContext | undefined;

/** What a {@link networkRuntime} stands on. */
export interface NetworkRuntimeOptions {
  /** The machine that it runs on. */
  readonly network: ByteNetwork;
  /** The clocks of that machine. */
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly random: Random;
  readonly newId: NewId;
  /** Counts attempts of everything that is built. Default: one for this runtime. */
  readonly gate?: Gate | undefined;
}

/**
 * What venue adapters need of the platform, over a network and a clock of the caller's: the real
 * stack over the direct transport, and the strict `fetch` over real HTTP. With a host of the
 * `VirtualNetwork` of `@oath-ws/testing` it runs in virtual time:
 *
 * ```ts
 * const machine = network.host("client");
 * const runtime = networkRuntime({ ...world, network: machine, timer: machine.timer });
 * ```
 *
 * `build` takes the options of `build()`, without `transport: "ws"` and `proxy`. No TLS is spoken,
 * so that `tls` changes nothing.
 */
export function networkRuntime(options: NetworkRuntimeOptions): NodeRuntime {
  const { network, timer, spawn, random, newId, gate = new AttemptGate() } = options;
  const seams = { timer, spawn, random, newId, names: new ConnectionNames() };
  const dial = networkDial(network, random);
  const tls = { secureContext: (unusedContext ??= createSecureContext()) };
  return {
    timer,
    random,
    newId,
    build(given?: BuildOptions) {
      const issues = unknownOptionIssues(given, BUILD_KEYS);
      if (given?.transport === "ws")
        issues.push({
          path: "transport",
          message: 'must be "direct" over a network of the caller',
        });
      const built = { tls, ...given, socket: { ...given?.socket, ...dial } };
      return stack(stackOptions(built, issues, { seams, gate }));
    },
    fetch: strictFetch({ tlsOptions: resolveTls(tls, []), proxyFor: undefined }, undefined, {
      timer,
      connect: (to) => networkStream(network, to),
    }),
    observe: announceReader,
  };
}
