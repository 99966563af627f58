import { ConfigurationWebsocketStreams, WebsocketStreamsBase } from "@binance/common";
import { BINANCE_DIALECT } from "@oath-ws/cli/soak";
import type { SoakDriver } from "@oath-ws/cli/soak";

/** With what its own timer does after 23 hours. */
class Renewable extends WebsocketStreamsBase {
  renew(): void {
    for (const connection of this.connectionPool) {
      this.enqueueReconnection(connection, this.getReconnectURL(this.wsURL, connection), true);
    }
  }
}

const driver: SoakDriver = {
  title: "@binance/common",
  dialect: {
    ...BINANCE_DIALECT,
    answers: [{ when: '"method":"SUBSCRIBE"', subscribes: true }],
    // How it subscribes when it has reconnected.
    subscribedBy: "streams=btcusdt@trade",
  },
  notes: {
    renewal: "what its timer does after 23 h is called by hand",
    "renewed-reset": "what its timer does after 23 h is called by hand",
  },
  start: async ({ url, frame, said }) => {
    const streams = new Renewable(new ConfigurationWebsocketStreams({ wsURL: url }));
    await streams.connect();
    streams.on("close", () => said("down", "close"));
    streams.on("error", () => said("down", "error"));
    streams.on("message", (text: unknown) => {
      const { data } = JSON.parse(String(text)) as { data?: { t?: number } };
      if (data?.t !== undefined) void frame(data.t, text);
    });
    streams.subscribe("btcusdt@trade");
    return { renew: () => streams.renew() };
  },
};

export default driver;
