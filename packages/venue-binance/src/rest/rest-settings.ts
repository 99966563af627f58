/** The live REST API. */
export const REST_URL = "https://api.binance.com";

/** How long one request may take, in milliseconds. The venue itself gives up after 10 s (-1007). */
export const REST_TIMEOUT_MS = 15_000;
