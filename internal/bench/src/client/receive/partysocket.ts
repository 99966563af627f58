import PartySocket from "partysocket/ws";
import type { OpenReceiver } from "../receiver.js";
import { peerReceiver } from "./peer.js";
import type { PeerConstructor } from "./peer.js";

export const openReceiver: OpenReceiver = peerReceiver(PartySocket as unknown as PeerConstructor);
