// What was published, once it has been checked: the same for every subscription of its topic.

import type { Attributes } from './message-attributes.ts';
import { fieldsOfAttributes, fieldsOfBody } from './filter-policy.ts';
import type { Fields } from './filter-policy.ts';

export interface PublicationData {
  /** MessageId. */
  readonly id: string;
  readonly message: string;
  /** Of MessageStructure json: the message for each protocol. */
  readonly byProtocol: ReadonlyMap<string, string> | undefined;
  readonly subject: string | undefined;
  readonly attributes: Attributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** Of FIFO topics. */
  readonly sequenceNumber: string | undefined;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly traceHeader: string | undefined;
  /** How the publisher reached us: links in what is sent start with it. */
  readonly origin: string;
  readonly replayed: boolean;
  /** As Message.path. */
  readonly path?: string | undefined;
}

export class Publication {
  readonly data: PublicationData;
  #attributeFields: Fields | undefined;
  /** Of the message as it is, for those who get nothing else. */
  #messageBytes: Buffer | undefined;
  #bodyFields: { readonly fields: Fields | undefined } | undefined;

  constructor(data: PublicationData) {
    this.data = data;
  }

  get attributeFields(): Fields {
    this.#attributeFields ??= fieldsOfAttributes(this.data.attributes);
    return this.#attributeFields;
  }

  /** Undefined: the message is no JSON object. */
  get bodyFields(): Fields | undefined {
    this.#bodyFields ??= { fields: fieldsOfBody(this.data.message) };
    return this.#bodyFields.fields;
  }

  /** The UTF-8 of `messageFor`. */
  bytesFor(protocol: string): Buffer {
    if (this.data.byProtocol !== undefined) return Buffer.from(this.messageFor(protocol));
    this.#messageBytes ??= Buffer.from(this.data.message);
    return this.#messageBytes;
  }

  messageFor(protocol: string): string {
    const { byProtocol, message } = this.data;
    return byProtocol === undefined ? message : (byProtocol.get(protocol) ?? byProtocol.get('default') ?? message);
  }
}
