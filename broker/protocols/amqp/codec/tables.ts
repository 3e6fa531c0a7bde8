// Every composite type of AMQP 1.0 as a table: performatives (part 2, section 2.7), definitions (2.8), messaging (part 3),
// transactions (part 4) and SASL (part 5, section 5.3.3). Order of fields is their order on the wire. The codec reads
// these tables, and so does the compiler: the types of composite.ts follow from them.

/** A field that may be absent has no `mandatory`; one that then has a meaning has a `default`. */
export interface Field {
  readonly type: FieldType;
  readonly mandatory?: true;
  readonly default?: boolean | number | string;
  /** Said also where it is the default: it takes no more octets, and not every client knows the default. */
  readonly explicit?: true;
  /** An array, or a single value in its place (part 1, section 1.4). */
  readonly multiple?: true;
}

export type FieldType =
  | 'boolean'
  | 'ubyte'
  | 'ushort'
  | 'uint'
  | 'ulong'
  | 'timestamp'
  | 'string'
  | 'symbol'
  | 'binary'
  | 'map'
  | 'any'
  | 'error'
  | 'source'
  | 'target'
  | 'state'
  | 'outcome';

export interface CompositeTable {
  readonly code: number;
  readonly symbol: string;
  readonly fields: { readonly [name: string]: Field };
}

const uint32Max = 0xffffffff;

export const tables = {
  open: {
    code: 0x10,
    symbol: 'amqp:open:list',
    fields: {
      containerId: { type: 'string', mandatory: true },
      hostname: { type: 'string' },
      maxFrameSize: { type: 'uint', default: uint32Max },
      channelMax: { type: 'ushort', default: 0xffff },
      idleTimeOut: { type: 'uint' },
      outgoingLocales: { type: 'symbol', multiple: true },
      incomingLocales: { type: 'symbol', multiple: true },
      offeredCapabilities: { type: 'symbol', multiple: true },
      desiredCapabilities: { type: 'symbol', multiple: true },
      properties: { type: 'map' },
    },
  },
  begin: {
    code: 0x11,
    symbol: 'amqp:begin:list',
    fields: {
      remoteChannel: { type: 'ushort' },
      nextOutgoingId: { type: 'uint', mandatory: true },
      incomingWindow: { type: 'uint', mandatory: true },
      outgoingWindow: { type: 'uint', mandatory: true },
      handleMax: { type: 'uint', default: uint32Max },
      offeredCapabilities: { type: 'symbol', multiple: true },
      desiredCapabilities: { type: 'symbol', multiple: true },
      properties: { type: 'map' },
    },
  },
  attach: {
    code: 0x12,
    symbol: 'amqp:attach:list',
    fields: {
      name: { type: 'string', mandatory: true },
      handle: { type: 'uint', mandatory: true },
      role: { type: 'boolean', mandatory: true },
      sndSettleMode: { type: 'ubyte', default: 2 },
      rcvSettleMode: { type: 'ubyte', default: 0 },
      source: { type: 'source' },
      target: { type: 'target' },
      unsettled: { type: 'map' },
      incompleteUnsettled: { type: 'boolean', default: false },
      initialDeliveryCount: { type: 'uint' },
      maxMessageSize: { type: 'ulong' },
      offeredCapabilities: { type: 'symbol', multiple: true },
      desiredCapabilities: { type: 'symbol', multiple: true },
      properties: { type: 'map' },
    },
  },
  flow: {
    code: 0x13,
    symbol: 'amqp:flow:list',
    fields: {
      nextIncomingId: { type: 'uint' },
      incomingWindow: { type: 'uint', mandatory: true },
      nextOutgoingId: { type: 'uint', mandatory: true },
      outgoingWindow: { type: 'uint', mandatory: true },
      handle: { type: 'uint' },
      deliveryCount: { type: 'uint' },
      linkCredit: { type: 'uint' },
      available: { type: 'uint' },
      drain: { type: 'boolean', default: false },
      echo: { type: 'boolean', default: false },
      properties: { type: 'map' },
    },
  },
  transfer: {
    code: 0x14,
    symbol: 'amqp:transfer:list',
    fields: {
      handle: { type: 'uint', mandatory: true },
      deliveryId: { type: 'uint' },
      deliveryTag: { type: 'binary' },
      messageFormat: { type: 'uint' },
      settled: { type: 'boolean' },
      more: { type: 'boolean', default: false },
      rcvSettleMode: { type: 'ubyte' },
      state: { type: 'state' },
      resume: { type: 'boolean', default: false },
      aborted: { type: 'boolean', default: false },
      batchable: { type: 'boolean', default: false },
    },
  },
  disposition: {
    code: 0x15,
    symbol: 'amqp:disposition:list',
    fields: {
      role: { type: 'boolean', mandatory: true },
      first: { type: 'uint', mandatory: true },
      last: { type: 'uint' },
      settled: { type: 'boolean', default: false, explicit: true },
      state: { type: 'state' },
      batchable: { type: 'boolean', default: false },
    },
  },
  detach: {
    code: 0x16,
    symbol: 'amqp:detach:list',
    fields: {
      handle: { type: 'uint', mandatory: true },
      closed: { type: 'boolean', default: false },
      error: { type: 'error' },
    },
  },
  end: { code: 0x17, symbol: 'amqp:end:list', fields: { error: { type: 'error' } } },
  close: { code: 0x18, symbol: 'amqp:close:list', fields: { error: { type: 'error' } } },

  error: {
    code: 0x1d,
    symbol: 'amqp:error:list',
    fields: {
      condition: { type: 'symbol', mandatory: true },
      description: { type: 'string' },
      info: { type: 'map' },
    },
  },

  received: {
    code: 0x23,
    symbol: 'amqp:received:list',
    fields: {
      sectionNumber: { type: 'uint', mandatory: true },
      sectionOffset: { type: 'ulong', mandatory: true },
    },
  },
  accepted: { code: 0x24, symbol: 'amqp:accepted:list', fields: {} },
  rejected: { code: 0x25, symbol: 'amqp:rejected:list', fields: { error: { type: 'error' } } },
  released: { code: 0x26, symbol: 'amqp:released:list', fields: {} },
  modified: {
    code: 0x27,
    symbol: 'amqp:modified:list',
    fields: {
      deliveryFailed: { type: 'boolean' },
      undeliverableHere: { type: 'boolean' },
      messageAnnotations: { type: 'map' },
    },
  },
  source: {
    code: 0x28,
    symbol: 'amqp:source:list',
    fields: {
      address: { type: 'any' },
      durable: { type: 'uint', default: 0 },
      expiryPolicy: { type: 'symbol', default: 'session-end' },
      timeout: { type: 'uint', default: 0 },
      dynamic: { type: 'boolean', default: false },
      dynamicNodeProperties: { type: 'map' },
      distributionMode: { type: 'symbol' },
      filter: { type: 'map' },
      defaultOutcome: { type: 'outcome' },
      outcomes: { type: 'symbol', multiple: true },
      capabilities: { type: 'symbol', multiple: true },
    },
  },
  target: {
    code: 0x29,
    symbol: 'amqp:target:list',
    fields: {
      address: { type: 'any' },
      durable: { type: 'uint', default: 0 },
      expiryPolicy: { type: 'symbol', default: 'session-end' },
      timeout: { type: 'uint', default: 0 },
      dynamic: { type: 'boolean', default: false },
      dynamicNodeProperties: { type: 'map' },
      capabilities: { type: 'symbol', multiple: true },
    },
  },

  coordinator: {
    code: 0x30,
    symbol: 'amqp:coordinator:list',
    fields: { capabilities: { type: 'symbol', multiple: true } },
  },
  declare: { code: 0x31, symbol: 'amqp:declare:list', fields: { globalId: { type: 'any' } } },
  discharge: {
    code: 0x32,
    symbol: 'amqp:discharge:list',
    fields: { txnId: { type: 'binary', mandatory: true }, fail: { type: 'boolean' } },
  },
  declared: { code: 0x33, symbol: 'amqp:declared:list', fields: { txnId: { type: 'binary', mandatory: true } } },
  transactionalState: {
    code: 0x34,
    symbol: 'amqp:transactional-state:list',
    fields: { txnId: { type: 'binary', mandatory: true }, outcome: { type: 'outcome' } },
  },

  saslMechanisms: {
    code: 0x40,
    symbol: 'amqp:sasl-mechanisms:list',
    fields: { saslServerMechanisms: { type: 'symbol', multiple: true, mandatory: true } },
  },
  saslInit: {
    code: 0x41,
    symbol: 'amqp:sasl-init:list',
    fields: {
      mechanism: { type: 'symbol', mandatory: true },
      initialResponse: { type: 'binary' },
      hostname: { type: 'string' },
    },
  },
  saslChallenge: {
    code: 0x42,
    symbol: 'amqp:sasl-challenge:list',
    fields: { challenge: { type: 'binary', mandatory: true } },
  },
  saslResponse: {
    code: 0x43,
    symbol: 'amqp:sasl-response:list',
    fields: { response: { type: 'binary', mandatory: true } },
  },
  saslOutcome: {
    code: 0x44,
    symbol: 'amqp:sasl-outcome:list',
    fields: { code: { type: 'ubyte', mandatory: true }, additionalData: { type: 'binary' } },
  },

  header: {
    code: 0x70,
    symbol: 'amqp:header:list',
    fields: {
      durable: { type: 'boolean', default: false },
      priority: { type: 'ubyte', default: 4 },
      ttl: { type: 'uint' },
      firstAcquirer: { type: 'boolean', default: false },
      deliveryCount: { type: 'uint', default: 0 },
    },
  },
  properties: {
    code: 0x73,
    symbol: 'amqp:properties:list',
    fields: {
      messageId: { type: 'any' },
      userId: { type: 'binary' },
      to: { type: 'any' },
      subject: { type: 'string' },
      replyTo: { type: 'any' },
      correlationId: { type: 'any' },
      contentType: { type: 'symbol' },
      contentEncoding: { type: 'symbol' },
      absoluteExpiryTime: { type: 'timestamp' },
      creationTime: { type: 'timestamp' },
      groupId: { type: 'string' },
      groupSequence: { type: 'uint' },
      replyToGroupId: { type: 'string' },
    },
  },
} as const satisfies { readonly [name: string]: CompositeTable };

export type CompositeKind = keyof typeof tables;

/** What may stand in a field that the specification gives as an archetype ("provides"). */
export const archetypes = {
  error: ['error'],
  source: ['source'],
  target: ['target', 'coordinator'],
  state: ['received', 'accepted', 'rejected', 'released', 'modified', 'declared', 'transactionalState'],
  outcome: ['accepted', 'rejected', 'released', 'modified', 'declared'],
} as const satisfies { readonly [archetype: string]: readonly CompositeKind[] };

export type Archetype = keyof typeof archetypes;
