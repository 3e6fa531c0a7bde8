// What an account has for text messages in a region: its settings, the numbers that opted out, and those of the sandbox.

import { randomInt, randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Location } from '../../sqs/model/arn.ts';
import { invalidParameter, refusal } from './errors.ts';
import { isPhoneNumber } from './endpoints.ts';
import { limits } from './limits.ts';
import type { Mailbox } from './mailbox.ts';
import { decode, encode, recordTypes } from './record-codec.ts';
import type { SmsRecord } from './record-codec.ts';
import type { Turns } from './turns.ts';

const nothing: SmsRecord = { attributes: {}, optedOut: [], sandbox: {} };
const defaults = { MonthlySpendLimit: '1' };

const settable: Readonly<Record<string, (value: string) => boolean>> = {
  MonthlySpendLimit: (value) => /^\d{1,9}$/.test(value),
  DeliveryStatusIAMRole: () => true,
  DeliveryStatusSuccessSamplingRate: (value) => /^\d{1,3}$/.test(value) && Number(value) <= 100,
  DefaultSenderID: (value) => /^(?=.*[a-zA-Z])[a-zA-Z0-9-]{1,11}$/.test(value),
  DefaultSMSType: (value) => value === 'Promotional' || value === 'Transactional',
  UsageReportS3Bucket: () => true,
};

export class Phones {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #mailbox: Mailbox;
  readonly #records = new Map<string, SmsRecord>();

  constructor(broker: Broker, clock: Clock, turns: Turns, mailbox: Mailbox) {
    this.#broker = broker;
    this.#clock = clock;
    this.#turns = turns;
    this.#mailbox = mailbox;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#broker.store.readRecords(recordTypes.sms)) {
      this.#records.set(key, decode<SmsRecord>(value));
    }
  }

  attributes(location: Location): Readonly<Record<string, string>> {
    return { ...defaults, ...this.#of(location).attributes };
  }

  async setAttributes(location: Location, given: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, value] of given) {
      const isValid = Object.hasOwn(settable, name) ? settable[name] : undefined;
      if (isValid === undefined) throw refusal('InvalidParameter', `${name} is not a valid attribute`);
      if (!isValid(value)) throw refusal('InvalidParameter', `${name} is invalid`);
    }
    await this.#change(location, (record) => ({
      ...record,
      attributes: { ...record.attributes, ...Object.fromEntries(given) },
    }));
  }

  // ---- opting out

  optedOut(location: Location): readonly string[] {
    return this.#of(location).optedOut;
  }

  async optIn(location: Location, number: string): Promise<void> {
    if (!this.optedOut(location).includes(number)) return;
    await this.#change(location, (record) => ({
      ...record,
      optedOut: record.optedOut.filter((out) => out !== number),
    }));
  }

  async optOut(location: Location, number: string): Promise<void> {
    if (this.optedOut(location).includes(number)) return;
    await this.#change(location, (record) => ({ ...record, optedOut: [...record.optedOut, number].sort() }));
  }

  // ---- sandbox

  sandbox(location: Location): SmsRecord['sandbox'] {
    return this.#of(location).sandbox;
  }

  /** The password that proves the number goes into the mailbox. */
  async addToSandbox(location: Location, number: string): Promise<void> {
    if (this.optedOut(location).includes(number)) throw refusal('OptedOut', 'Phone number is opted out');
    const password = String(randomInt(100_000, 1_000_000));
    await this.#change(location, (record) => {
      const { sandbox } = record;
      if (!(number in sandbox) && Object.keys(sandbox).length >= limits.sandboxPhoneNumbers) {
        throw refusal('UserError', 'Phone number limit reached');
      }
      return { ...record, sandbox: { ...sandbox, [number]: { status: 'Pending', password } } };
    });
    const transaction = this.#broker.transaction();
    this.#mailbox.deliver(transaction, {
      ...location,
      id: randomUUID(),
      kind: 'sms',
      to: number,
      subject: undefined,
      body: `Your verification code is ${password}.`,
      topicArn: undefined,
      at: this.#clock.now(),
    });
    await transaction.commit();
  }

  async verifyInSandbox(location: Location, number: string, password: string): Promise<void> {
    await this.#change(location, (record) => {
      const known = record.sandbox[number];
      if (known === undefined) throw refusal('ResourceNotFound', 'Phone number does not exist');
      if (known.password !== password) throw refusal('VerificationException', 'The one-time password is not valid');
      return { ...record, sandbox: { ...record.sandbox, [number]: { ...known, status: 'Verified' } } };
    });
  }

  async removeFromSandbox(location: Location, number: string): Promise<void> {
    await this.#change(location, (record) => {
      if (!(number in record.sandbox)) throw refusal('ResourceNotFound', 'Phone number does not exist');
      const sandbox = Object.fromEntries(Object.entries(record.sandbox).filter(([other]) => other !== number));
      return { ...record, sandbox };
    });
  }

  #of(location: Location): SmsRecord {
    return this.#records.get(keyOf(location)) ?? nothing;
  }

  #change(location: Location, next: (record: SmsRecord) => SmsRecord): Promise<void> {
    const key = keyOf(location);
    return this.#turns.take(`sms ${key}`, async () => {
      const record = next(this.#of(location));
      const transaction = this.#broker.transaction();
      transaction.record(recordTypes.sms, key, encode(record));
      transaction.afterCommit(() => this.#records.set(key, record));
      await transaction.commit();
    });
  }
}

/** @throws AwsError InvalidParameter. */
export function checkPhoneNumber(number: string): void {
  if (!isPhoneNumber(number)) throw invalidParameter('PhoneNumber Reason: input incorrectly formatted');
}

function keyOf({ account, region }: Location): string {
  return `${account}/${region}`;
}
