import type { SoakDriver } from "@oath-ws/cli/soak";
import { WebsocketClient } from "binance";

const driver: SoakDriver = {
  title: "binance",
  dialect: {
    frame:
      '{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":%id%,"p":"1","q":"1","T":1,"m":true,"M":true,"pad":"%pad%"}}',
    answers: [
      { when: '"method":"SUBSCRIBE".*"id":(\\d+)', text: '{"result":null,"id":$1}', subscribes: true },
      { when: '"id":(\\d+)', text: '{"result":null,"id":$1}' },
    ],
  },
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
