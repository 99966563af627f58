// What the author of a connector needs, beside the types of @oath-ws/contract: ADR-0041.
export type {
  ByteAddress,
  ByteDial,
  ByteDialEvents,
  ByteListener,
  ByteNetwork,
  ByteSocket,
  ByteSocketEvents,
} from "./primitives/byte-socket.js";
export { cancelController } from "./primitives/cancel.js";
export type { CancelController } from "./primitives/cancel.js";
export { ForwardedEvents } from "./primitives/forwarded-events.js";
export { closeFault, frameFault, NO_CLOSE_CODE } from "./primitives/frame-fault.js";
export { InboundFrame } from "./primitives/inbound-frame.js";
export type { Arrival, PayloadAccess } from "./primitives/inbound-frame.js";
export { leafConnector } from "./primitives/leaf-connector.js";
export type { Dial } from "./primitives/leaf-connector.js";
export {
  dialLost,
  frameInvalid,
  frameTooBig,
  handshakeInvalid,
  handshakeOptionsInvalid,
  kindOfStatus,
  notConnected,
  peerClosed,
  sendFateUnknown,
  sinkClosed,
  socketLost,
  subprotocolRefused,
  upgradeRefused,
  urlInvalid,
} from "./primitives/leaf-errors.js";
export { LeafShell } from "./primitives/leaf-shell.js";
export type { LeafShellOptions } from "./primitives/leaf-shell.js";
export { Linked, LinkedList } from "./primitives/linked-list.js";
export { protocolFaults } from "./primitives/protocol-faults.js";
export { decodeUtf8, encodeUtf8 } from "./primitives/utf8.js";
