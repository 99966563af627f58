import ReconnectingWebSocket from "reconnecting-websocket";
import type { OpenReceiver } from "../receiver.js";
import { peerReceiver } from "./peer.js";
import type { PeerConstructor } from "./peer.js";

export const openReceiver: OpenReceiver = peerReceiver(
  ReconnectingWebSocket as unknown as PeerConstructor,
);
