import { createServer } from "node:http";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { instrument } from "@oath-ws/telemetry";
import type { Telemetry } from "@oath-ws/telemetry";
import { urlAuthority } from "../local/listen-address.js";
import type { ListenAddress } from "../local/listen-address.js";
import { closeServer, listenAt } from "../local/local-server.js";
import { refusalOf } from "./metrics-guard.js";

/** A running endpoint. */
export interface MetricsEndpoint {
  readonly url: string;
  /** For an adapter's topics; connections are found by themselves. */
  readonly telemetry: Telemetry;
  close(): Promise<void>;
}

/**
 * Serves the metrics of this process as Prometheus text. It keeps the process alive no longer than
 * the rest of the command does. Rejects when the port is taken.
 */
export async function serveMetrics(
  address: ListenAddress,
  token: string | undefined,
): Promise<MetricsEndpoint> {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    // Its resource would name the path of this program.
    withoutTargetInfo: true,
    withoutScopeInfo: true,
  });
  let port = address.port;
  const server = createServer((request, response) => {
    response.setHeader("x-content-type-options", "nosniff");
    const refusal = refusalOf(request, { address, port, token });
    if (refusal === undefined) {
      exporter.getMetricsRequestHandler(request, response);
      return;
    }
    response.writeHead(refusal.status, { "content-type": "text/plain" });
    response.end(refusal.text);
  });
  port = await listenAt(server, address);
  server.unref();
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const telemetry = instrument({ meterProvider });
  return {
    url: `http://${urlAuthority(address.host, port)}/metrics`,
    telemetry,
    close: () => {
      telemetry.stop();
      return closeServer(server);
    },
  };
}
