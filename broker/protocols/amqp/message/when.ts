// When a message is to be delivered, if not at once: message annotations of JMS clients over AMQP, ActiveMQ's further ones, and
// the application properties by which its own clients say the same.

import type { SendOptions } from '../../../core/broker.ts';
import { BrokerError } from '../../../core/errors.ts';
import type { Property, PropertyValue } from '../../../core/message.ts';
import { entry, type MapEntries } from '../codec/value.ts';

export type When = Pick<SendOptions, 'delayMs' | 'schedule'>;

const annotationPrefix = 'x-opt-delivery-';
const propertyPrefix = 'AMQ_SCHEDULED_';

/** Undefined: at once. @throws BrokerError `invalid` for what cannot be understood. */
export function whenOf(annotations: MapEntries, properties: readonly Property[], now: number): When | undefined {
  // Few messages say anything of this, and most have annotations.
  if (!annotations.some(isAnnotation) && !properties.some(isProperty)) return undefined;
  const own = (name: string) => properties.findLast((property) => property.name === propertyPrefix + name)?.value;
  const annotated = (name: string) => annotation(annotations, annotationPrefix + name);
  const time = wholeNumber('time', annotated('time'));
  const delay = wholeNumber('delay', own('DELAY')) ?? (time === undefined ? undefined : time - now);
  const delayMs = Math.max(0, delay ?? wholeNumber('delay', annotated('delay')) ?? 0);
  const periodMs = wholeNumber('period', own('PERIOD') ?? annotated('period'));
  const repeat = wholeNumber('repeat', own('REPEAT') ?? annotated('repeat'));
  const cron = own('CRON') ?? annotated('cron') ?? '';
  if (typeof cron !== 'string') throw new BrokerError('invalid', 'a cron of delivery that is no string');
  const isOnce = cron === '' && periodMs === undefined && repeat === undefined;
  if (isOnce) return delayMs === 0 ? undefined : { delayMs };
  return { delayMs, schedule: { periodMs, repeat, ...(cron === '' ? {} : { cron }) } };
}

function isAnnotation([key]: MapEntries[number]): boolean {
  return typeof key.value === 'string' && key.value.startsWith(annotationPrefix);
}

function isProperty({ name }: Property): boolean {
  return name.startsWith(propertyPrefix);
}

/** Undefined: absent, or null. */
function annotation(annotations: MapEntries, name: string): PropertyValue | undefined {
  const value = entry(annotations, name);
  switch (value?.type) {
    case undefined:
    case 'null':
      return undefined;
    case 'list':
    case 'map':
    case 'array':
    case 'described':
      throw new BrokerError('invalid', `${name} is a ${value?.type}`);
    default:
      return value?.value;
  }
}

function wholeNumber(name: string, value: PropertyValue | undefined): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const isNumeric = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string';
  const number = isNumeric ? Math.trunc(Number(value)) : NaN;
  if (!Number.isFinite(number)) throw new BrokerError('invalid', `a ${name} of delivery that is no number`);
  return number;
}
