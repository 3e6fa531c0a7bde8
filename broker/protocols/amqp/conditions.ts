// Error conditions (AMQP 1.0, part 2 section 2.8.14 to 2.8.18, part 4 section 4.5.8), and the error that carries one
// from the line that finds a fault to the endpoint that ends because of it.

import { BrokerError, type ErrorCode } from '../../core/errors.ts';
import type { AmqpError } from './codec/composite.ts';
import { symbol, type MapEntries } from './codec/value.ts';

export const conditions = [
  'amqp:internal-error',
  'amqp:not-found',
  'amqp:unauthorized-access',
  'amqp:decode-error',
  'amqp:resource-limit-exceeded',
  'amqp:not-allowed',
  'amqp:invalid-field',
  'amqp:not-implemented',
  'amqp:resource-locked',
  'amqp:precondition-failed',
  'amqp:resource-deleted',
  'amqp:illegal-state',
  'amqp:frame-size-too-small',
  'amqp:connection:forced',
  'amqp:connection:framing-error',
  'amqp:connection:redirect',
  'amqp:session:window-violation',
  'amqp:session:errant-link',
  'amqp:session:handle-in-use',
  'amqp:session:unattached-handle',
  'amqp:link:detach-forced',
  'amqp:link:transfer-limit-exceeded',
  'amqp:link:message-size-exceeded',
  'amqp:link:redirect',
  'amqp:link:stolen',
  'amqp:transaction:unknown-id',
  'amqp:transaction:rollback',
  'amqp:transaction:timeout',
] as const;

export type Condition = (typeof conditions)[number];

/** The endpoint that ends with the error: the smallest one whose state the fault has spoiled. */
export type Scope = 'connection' | 'session' | 'link';

/** A fault of the peer, with the condition it is told. */
export class WireError extends BrokerError {
  readonly condition: Condition;
  readonly scope: Scope;
  /** Which field was at fault. */
  readonly field: string | undefined;
  /** Which delivery it is about, where that cannot be seen otherwise. */
  readonly deliveryTag: Buffer | undefined;

  constructor(
    scope: Scope,
    condition: Condition,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly field?: string | undefined;
      readonly deliveryTag?: Buffer | undefined;
    } = {},
  ) {
    super('invalid', message, options);
    this.name = 'WireError';
    this.scope = scope;
    this.condition = condition;
    this.field = options.field;
    this.deliveryTag = options.deliveryTag;
  }
}

/** Why a link is not attached. */
export function refusal(condition: Condition, message: string, field?: string, cause?: unknown): WireError {
  return new WireError('link', condition, message, { field, cause });
}

/** As `error`, of a delivery on a link where it could be any. */
export function ofDelivery(error: BrokerError, deliveryTag: Buffer): WireError {
  const field = error instanceof WireError ? error.field : undefined;
  return new WireError('link', conditionFor(error), error.message, { cause: error, field, deliveryTag });
}

/** Bytes that are not AMQP. What follows in the stream cannot be trusted, so the connection ends. */
export function decodeError(message: string): WireError {
  return new WireError('connection', 'amqp:decode-error', message);
}

const conditionOf: Record<ErrorCode, Condition> = {
  invalid: 'amqp:invalid-field',
  'not-found': 'amqp:not-found',
  exists: 'amqp:precondition-failed',
  'not-allowed': 'amqp:not-allowed',
  unauthorized: 'amqp:unauthorized-access',
  'too-large': 'amqp:link:message-size-exceeded',
  limit: 'amqp:resource-limit-exceeded',
  'store-full': 'amqp:resource-limit-exceeded',
  'store-failed': 'amqp:internal-error',
  fenced: 'amqp:connection:forced',
  closed: 'amqp:illegal-state',
  unsupported: 'amqp:not-implemented',
};

/** How a peer is told of an error. */
export function errorFor(error: BrokerError): AmqpError {
  const isOurs = error instanceof WireError;
  return {
    kind: 'error',
    condition: conditionFor(error),
    description: error.message,
    info: isOurs ? infoOf(error) : undefined,
  };
}

function conditionFor(error: BrokerError): Condition {
  return error instanceof WireError ? error.condition : conditionOf[error.code];
}

function infoOf({ field, deliveryTag }: WireError): MapEntries | undefined {
  const info: MapEntries = [
    // The form in which JMS clients look for the field of an open that was refused.
    ...(field === undefined ? [] : [[symbol('invalid-field'), symbol(field)] as const]),
    ...(deliveryTag === undefined
      ? []
      : [[symbol('delivery-tag'), { type: 'binary', value: deliveryTag } as const] as const]),
  ];
  return info.length === 0 ? undefined : info;
}
