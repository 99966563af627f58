import { BINANCE_DIALECT } from "@oath-ws/cli/soak";
import type { SoakDriver } from "@oath-ws/cli/soak";
import { WebsocketClient } from "binance";

const driver: SoakDriver = {
  title: "binance",
  dialect: BINANCE_DIALECT,
  start: async ({ url, frame, said }) => {
    const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };
    const client = new WebsocketClient({ wsUrl: `${url}/stream`, beautify: false }, silent);
    client.on("message", (message) => {
      const { data = message } = message as { data?: { t?: number } };
      const { t } = data as { t?: number };
      if (t !== undefined) void frame(t, message);
    });
    client.on("reconnecting", () => said("down", "reconnecting"));
    client.on("close", () => said("down", "close"));
    client.on("exception", () => said("down", "exception"));
    await client.subscribe("btcusdt@trade", "main");
    return {};
  },
};

export default driver;
