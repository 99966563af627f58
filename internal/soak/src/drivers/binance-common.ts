import { ConfigurationWebsocketStreams, WebsocketStreamsBase } from "@binance/common";
import type { SoakDriver } from "@oath-ws/cli/soak";

const driver: SoakDriver = {
  title: "@binance/common",
  dialect: {
    frame: '{"stream":"btcusdt@trade","data":{"e":"trade","t":%id%,"pad":"%pad%"}}',
    answers: [{ when: '"method":"SUBSCRIBE"', subscribes: true }],
    // How it subscribes when it has reconnected.
    subscribedBy: "streams=btcusdt@trade",
  },
  notes: { "send-gap": "it sends subscriptions, not texts of the application" },
  start: async ({ url, frame, said }) => {
    const streams = new WebsocketStreamsBase(new ConfigurationWebsocketStreams({ wsURL: url }));
    await streams.connect();
    streams.on("close", () => said("down", "close"));
    streams.on("error", () => said("down", "error"));
    streams.on("message", (text: unknown) => {
      const { data } = JSON.parse(String(text)) as { data?: { t?: number } };
      if (data?.t !== undefined) void frame(data.t, text);
    });
    streams.subscribe("btcusdt@trade");
    return {};
  },
};

export default driver;
