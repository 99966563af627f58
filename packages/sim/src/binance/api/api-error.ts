/** An error answer of the WebSocket API or of REST. */
export interface ApiError {
  /** HTTP status, in band on the WebSocket API. */
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  /** Only with 418 and 429. */
  readonly data?: { readonly serverTime: number; readonly retryAfter: number };
}

/** Errors whose text is always the same. */
export type FixedError =
  | "unknown"
  | "badJson"
  | "badId"
  | "badKeyFormat"
  | "badKey"
  | "badSignature"
  | "tooOld"
  | "tooEarly"
  | "badRecvWindow"
  | "badSymbol"
  | "hmacLogon"
  | "notLoggedOn"
  | "alreadySubscribed"
  | "tooManySubscriptions"
  | "tooManyOrders"
  | "noSuchOrder"
  | "unknownOrder"
  | "duplicateOrder"
  | "noMoney"
  | "badSide"
  | "badOrderType"
  | "badTimeInForce";

/** The errors the simulator gives, with the venue's codes and wordings. */
export const API_ERRORS: Readonly<Record<FixedError, ApiError>> = {
  unknown: { status: 500, code: -1000, msg: "An unknown error occurred." },
  badJson: { status: 400, code: -1135, msg: "Invalid JSON Request" },
  badId: { status: 400, code: -1130, msg: "Data sent for parameter 'id' is not valid." },
  badKeyFormat: { status: 401, code: -2014, msg: "API-key format invalid." },
  /** B-37. Permanent. */
  badKey: { status: 401, code: -2015, msg: "Invalid API-key, IP, or permissions for action." },
  badSignature: { status: 400, code: -1022, msg: "Signature for this request is not valid." },
  tooOld: {
    status: 400,
    code: -1021,
    msg: "Timestamp for this request is outside of the recvWindow.",
  },
  tooEarly: {
    status: 400,
    code: -1021,
    msg: "Timestamp for this request was 1000ms ahead of the server's time.",
  },
  badRecvWindow: { status: 400, code: -1131, msg: "recvWindow must be less than 60000." },
  badSymbol: { status: 400, code: -1121, msg: "Invalid symbol." },
  hmacLogon: { status: 400, code: -4056, msg: "HMAC_SHA256 API key is not supported." },
  /** Which error this is on the venue is not known. */
  notLoggedOn: { status: 401, code: -1002, msg: "You are not authorized to execute this request." },
  alreadySubscribed: {
    status: 400,
    code: -1191,
    msg: "Similar subscription is already active on this connection.",
  },
  tooManySubscriptions: { status: 400, code: -1191, msg: "Too many subscriptions." },
  tooManyOrders: { status: 429, code: -1015, msg: "Too many new orders." },
  noSuchOrder: { status: 400, code: -2013, msg: "Order does not exist." },
  unknownOrder: { status: 400, code: -2011, msg: "Unknown order sent." },
  duplicateOrder: { status: 400, code: -2010, msg: "Duplicate order sent." },
  noMoney: {
    status: 400,
    code: -2010,
    msg: "Account has insufficient balance for requested action.",
  },
  badSide: { status: 400, code: -1117, msg: "Invalid side." },
  badOrderType: { status: 400, code: -1116, msg: "Invalid orderType." },
  badTimeInForce: { status: 400, code: -1115, msg: "Invalid timeInForce." },
};

export function missing(name: string): ApiError {
  const msg = `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
  return { status: 400, code: -1102, msg };
}

export function invalid(name: string): ApiError {
  return { status: 400, code: -1130, msg: `Data sent for parameter '${name}' is not valid.` };
}

export function unread(read: number, sent: number): ApiError {
  const counts = `read '${read}' parameter(s) but was sent '${sent}'.`;
  const msg = `Not all sent parameters were read; ${counts}`;
  return { status: 400, code: -1104, msg };
}

export function unknownMethod(method: string): ApiError {
  return { status: 400, code: -5000, msg: `Method ${method} is invalid` };
}

/** Over the weight limit: try again at `retryAfter`, ms since 1970. */
export function tooMuchWeight(limit: number, serverTime: number, retryAfter: number): ApiError {
  const msg =
    `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. ` +
    "Please use WebSocket Streams for live updates to avoid polling the API.";
  return { status: 429, code: -1003, msg, data: { serverTime, retryAfter } };
}

/** The IP is banned until `retryAfter`, ms since 1970. */
export function banned(serverTime: number, retryAfter: number): ApiError {
  const msg =
    `Way too much request weight used; IP banned until ${retryAfter}. ` +
    "Please use WebSocket Streams for live updates to avoid bans.";
  return { status: 418, code: -1003, msg, data: { serverTime, retryAfter } };
}
