import type { Dialect } from "./driver.js";

/**
 * One stream of Binance Spot in combined mode, `btcusdt@trade`, with every field of a trade that
 * clients look at; commands are confirmed.
 */
export const BINANCE_DIALECT: Dialect = {
  frame:
    '{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":%id%,"p":"1","q":"1","T":1,"m":true,"M":true,"pad":"%pad%"}}',
  answers: [
    {
      when: '"method":"SUBSCRIBE".*"id":(\\d+)',
      text: '{"result":null,"id":$1}',
      subscribes: true,
    },
    { when: '"id":(\\d+)', text: '{"result":null,"id":$1}' },
  ],
};
