// What the server answers to packets, in the version of the client: in MQTT 5 with a reason, and with a sentence for people
// where the client wants to hear it and its Maximum Packet Size lets it [MQTT-3.1.2-24], [MQTT-3.1.2-29].

import { disconnect } from './codec/disconnect.ts';
import type { ProtocolLevel } from './codec/fixed-header.ts';
import { emptySection, packetOf, property, PropertyWriter } from './codec/properties.ts';
import { reason } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import { suback, unsuback } from './codec/subscribe.ts';
import type { PacketWriter } from './packet-writer.ts';

/** What a client said in its CONNECT of what it takes. */
export interface Terms {
  readonly level: ProtocolLevel;
  /** QoS 1 and 2 packets that it takes before it has acknowledged any. */
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
  /** Request Problem Information. */
  readonly wantsSentences: boolean;
}

export class Replies {
  readonly #writer: PacketWriter;
  readonly #terms: Terms;

  constructor(writer: PacketWriter, terms: Terms) {
    this.#writer = writer;
    this.#terms = terms;
  }

  /** `firstByte`: of `shortPacket`. Without a reason, all versions are the same (MQTT 5, 3.4.2.1). */
  acknowledge(firstByte: number, id: number, code: Reason, sentence?: string): void {
    if (code === reason.success || this.#terms.level < 5) this.#writer.short(firstByte, id);
    else {
      const header = Buffer.from([id >> 8, id & 0xff, code]);
      this.#send(sentence, (properties) =>
        properties === emptySection || properties === undefined
          ? packetOf(firstByte, header)
          : packetOf(firstByte, header, properties),
      );
    }
  }

  suback(id: number, codes: readonly number[], sentence?: string): void {
    this.#send(sentence, (properties) => suback(id, codes, properties));
  }

  unsuback(id: number, codes: readonly number[]): void {
    this.#send(undefined, (properties) => unsuback(id, codes, properties));
  }

  /** In MQTT 3.1.1 a server has no way to say it. */
  disconnect(code: Reason, sentence: string): void {
    if (this.#terms.level === 5) this.#send(sentence, (properties) => disconnect(code, properties ?? emptySection));
  }

  #send(sentence: string | undefined, encode: (properties: Buffer | undefined) => Buffer): void {
    const { level, wantsSentences, maximumPacketSize } = this.#terms;
    const none = level < 5 ? undefined : emptySection;
    const spoken = none === undefined || !wantsSentences ? undefined : sentence;
    const said = spoken === undefined ? undefined : encode(sentenceProperty(spoken));
    const packet = said !== undefined && said.length <= maximumPacketSize ? said : encode(none);
    if (packet.length <= maximumPacketSize) this.#writer.packet(packet);
  }
}

/** A Reason String, as a section of its own. */
export function sentenceProperty(sentence: string): Buffer {
  return new PropertyWriter().text(property.reasonString, sentence).finish();
}
