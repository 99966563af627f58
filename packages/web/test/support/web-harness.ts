import type { ConformanceCapabilities, ConformanceHarness } from "@oath-ws/testing";
import { webConnector } from "../../src/web-connector.js";
import type { WebConnectorOptions } from "../../src/web-connector-options.js";
import { RealServer } from "./real-server.js";
import { WEB_CAPABILITIES } from "./web-capabilities.js";

/** Much longer than anything takes on loopback. */
const PATIENCE_MS = 5000;

/** The conformance suite's harness for the web leaf, on real sockets. */
export function webHarness(
  options: WebConnectorOptions,
  capabilities: Partial<ConformanceCapabilities> = {},
): ConformanceHarness {
  return {
    capabilities: { ...WEB_CAPABILITIES, ...capabilities },
    createConnector: () => webConnector(options),
    startPeer: (behaviour) => RealServer.start(behaviour),
    now: () => performance.now(),
    within: (promise, what) => {
      let handle: NodeJS.Timeout;
      const late = new Promise<never>((_, reject) => {
        handle = setTimeout(
          () => reject(new Error(`waited ${PATIENCE_MS} ms for ${what}`)),
          PATIENCE_MS,
        );
      });
      return Promise.race([promise, late]).finally(() => clearTimeout(handle));
    },
  };
}
