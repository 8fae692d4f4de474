import { randomUUID } from "node:crypto";
import type { IConnackPacket, IConnectPacket, Packet } from "mqtt-packet";

/**
 * MQTT 5.0 in terms of 3.1.1, packet by packet: what a device may say in 5.0 to a broker that speaks 3.1.1, and the answers back.
 * Reason codes and properties are those of MQTT 5.0 (OASIS, 2019); clauses below are its.
 */

/** §2.4 */
export const REASON = {
	disconnectWithWill: 0x04,
	malformedPacket: 0x81,
	protocolError: 0x82,
	notAuthorized: 0x87,
	badAuthenticationMethod: 0x8c,
	topicAliasInvalid: 0x94,
} as const;

/** §3.2.2.2 by the return codes of 3.1.1 (its §3.2.2.3). */
const CONNACK_REASONS = [0x00, 0x84, 0x85, 0x88, 0x86, 0x87];
const NEVER_EXPIRES = 0xffff_ffff;

/** What has to be remembered of a connection between a packet and its answer. */
export interface Mqtt5State {
	connack: NonNullable<IConnackPacket["properties"]>;
	/** Number of topics of each UNSUBSCRIBE without an answer, by packet identifier. */
	unsubscribing: Map<number, number>;
}

export function newState(maximumPacketSize: number): Mqtt5State {
	return {
		// Absent Topic Alias Maximum is 0: no aliases (§3.2.2.3.8).
		connack: { maximumPacketSize, subscriptionIdentifiersAvailable: false, sharedSubscriptionAvailable: false },
		unsubscribing: new Map(),
	};
}

/**
 * A device's packet for a 3.1.1 broker. `close`: the connection is to be ended with this reason code; `close` 4 without a word,
 * so that the broker publishes the will (§3.14.2.1).
 */
export function toBroker(packet: Packet, state: Mqtt5State): { packet: Packet } | { close: number } {
	switch (packet.cmd) {
		case "connect":
			return connect(packet, state);
		case "publish": {
			if (packet.properties?.topicAlias !== undefined) return { close: REASON.topicAliasInvalid };
			const { cmd, topic, payload, qos, retain, dup, messageId } = packet;
			return { packet: { cmd, topic, payload, qos, retain, dup, ...(messageId !== undefined && { messageId }) } };
		}
		case "subscribe":
			if (packet.properties?.subscriptionIdentifier !== undefined) return { close: REASON.protocolError };
			return {
				packet: { cmd: "subscribe", messageId: packet.messageId ?? 0, subscriptions: packet.subscriptions.map(({ topic, qos }) => ({ topic, qos })) },
			};
		case "unsubscribe":
			state.unsubscribing.set(packet.messageId ?? 0, packet.unsubscriptions.length);
			return { packet: { cmd: "unsubscribe", messageId: packet.messageId ?? 0, unsubscriptions: packet.unsubscriptions } };
		case "puback":
		case "pubrec":
		case "pubrel":
		case "pubcomp":
			return { packet: { cmd: packet.cmd, messageId: packet.messageId ?? 0 } };
		case "disconnect":
			return packet.reasonCode === REASON.disconnectWithWill ? { close: REASON.disconnectWithWill } : { packet: { cmd: "disconnect" } };
		case "pingreq":
			return { packet };
		default:
			// AUTH without an authentication method in CONNECT, or a packet that only a server sends.
			return { close: REASON.protocolError };
	}
}

/**
 * Clean Start and Session Expiry Interval (§3.1.2.4, §3.1.2.11.2) are one flag in 3.1.1: a session is kept when the device resumes
 * and wants it kept; the answer says what was made of it (§3.2.2.3.2). The will is published at once, without its delay.
 */
function connect(packet: IConnectPacket, state: Mqtt5State): { packet: Packet } | { close: number } {
	if (packet.properties?.authenticationMethod !== undefined) return { close: REASON.badAuthenticationMethod };
	const expiry = packet.properties?.sessionExpiryInterval ?? 0;
	const keep = packet.clean === false && expiry > 0;
	if (expiry > 0) state.connack.sessionExpiryInterval = keep ? NEVER_EXPIRES : 0;
	// §3.1.3.1: the server names a client that has no name, and tells it.
	if (!packet.clientId) state.connack.assignedClientIdentifier = `auto-${randomUUID()}`;
	const { cmd, keepalive, username, password, will } = packet;
	return {
		packet: {
			cmd,
			protocolId: "MQTT",
			protocolVersion: 4,
			clientId: packet.clientId || (state.connack.assignedClientIdentifier ?? ""),
			clean: !keep,
			...(keepalive !== undefined && { keepalive }),
			...(username !== undefined && { username }),
			...(password !== undefined && { password }),
			...(will && { will: { topic: will.topic, payload: will.payload, qos: will.qos ?? 0, retain: will.retain ?? false } }),
		},
	};
}

/** A 3.1.1 broker's packet for the device. */
export function toDevice(packet: Packet, state: Mqtt5State): Packet {
	switch (packet.cmd) {
		case "connack": {
			const reasonCode = CONNACK_REASONS[packet.returnCode ?? 0] ?? REASON.notAuthorized;
			return { cmd: "connack", reasonCode, sessionPresent: packet.sessionPresent, properties: reasonCode === 0 ? state.connack : {} };
		}
		case "suback":
			return {
				cmd: "suback",
				messageId: packet.messageId ?? 0,
				granted: packet.granted.map((code) => (code === 0x80 ? REASON.notAuthorized : code)),
			};
		case "unsuback": {
			const messageId = packet.messageId ?? 0;
			const count = state.unsubscribing.get(messageId) ?? 1;
			state.unsubscribing.delete(messageId);
			return { cmd: "unsuback", messageId, granted: Array.from({ length: count }, () => 0) };
		}
		case "puback":
		case "pubrec":
		case "pubrel":
		case "pubcomp":
			return { cmd: packet.cmd, messageId: packet.messageId ?? 0, reasonCode: 0 };
		default:
			return packet;
	}
}
