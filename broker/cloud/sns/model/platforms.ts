// Platform applications and their endpoints (Developer Guide, "Mobile push notifications"). What is pushed goes into the
// mailbox: no platform is asked.

import { randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { AwsError } from '../../errors.ts';
import { parseArn } from '../../sqs/model/arn.ts';
import type { Location } from '../../sqs/model/arn.ts';
import { applicationArn, readPlatformArn } from './arn.ts';
import { applicationDoesNotExist, endpointDoesNotExist, invalidParameter, refusal } from './errors.ts';
import { limits } from './limits.ts';
import type { Mailbox } from './mailbox.ts';
import type { Publication } from './publication.ts';
import { decode, encode, recordTypes } from './record-codec.ts';
import type { ApplicationRecord, EndpointRecord } from './record-codec.ts';
import type { Turns } from './turns.ts';

export interface Application {
  readonly arn: string;
  readonly record: ApplicationRecord;
}

export interface Endpoint {
  readonly arn: string;
  readonly record: EndpointRecord;
}

/** Those that take a principal beside the credential. */
const platforms: Readonly<Record<string, { readonly principal: boolean }>> = {
  ADM: { principal: true },
  APNS: { principal: true },
  APNS_SANDBOX: { principal: true },
  APNS_VOIP: { principal: true },
  APNS_VOIP_SANDBOX: { principal: true },
  APNS_MACOS: { principal: true },
  APNS_MACOS_SANDBOX: { principal: true },
  APNS_PASSBOOK: { principal: true },
  BAIDU: { principal: true },
  FCM: { principal: false },
  GCM: { principal: false },
  MPNS: { principal: false },
  WNS: { principal: true },
};
const secret: ReadonlySet<string> = new Set(['PlatformCredential', 'PlatformPrincipal']);
const endpointAttributes: ReadonlySet<string> = new Set(['CustomUserData', 'Enabled', 'Token']);

export class Platforms {
  readonly #broker: Broker;
  readonly #turns: Turns;
  readonly #mailbox: Mailbox;
  readonly #applications = new Map<string, Application>();
  /** By ARN; an application's are found by its ARN. */
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(broker: Broker, turns: Turns, mailbox: Mailbox) {
    this.#broker = broker;
    this.#turns = turns;
    this.#mailbox = mailbox;
  }

  async load(): Promise<void> {
    const { store } = this.#broker;
    for (const { key, value } of await store.readRecords(recordTypes.application)) {
      this.#applications.set(key, { arn: key, record: decode<ApplicationRecord>(value) });
    }
    for (const { key, value } of await store.readRecords(recordTypes.endpoint)) {
      this.#endpoints.set(key, { arn: key, record: decode<EndpointRecord>(value) });
    }
  }

  // ---- applications

  /** @throws AwsError NotFound; InvalidParameter for what is no ARN of an application. */
  application(arn: string): Application {
    readPlatformArn('PlatformApplicationArn', arn, 'app');
    const found = this.#applications.get(arn);
    if (found === undefined) throw applicationDoesNotExist();
    return found;
  }

  /** By ARN. */
  applications({ account, region }: Location): Application[] {
    const prefix = `arn:aws:sns:${region}:${account}:app/`;
    return [...this.#applications.values()].filter(({ arn }) => arn.startsWith(prefix)).sort(byArn);
  }

  async createApplication(
    location: Location,
    name: string,
    platform: string,
    attributes: ReadonlyMap<string, string>,
  ): Promise<Application> {
    checkApplication(name, platform, attributes);
    const arn = applicationArn(location, platform, name);
    const record = { platform, name, attributes: Object.fromEntries([['Enabled', 'true'], ...attributes]) };
    return this.#turns.take(arn, async () => {
      const application = { arn, record };
      await this.#save(recordTypes.application, arn, record, () => this.#applications.set(arn, application));
      return application;
    });
  }

  async setApplication(arn: string, given: ReadonlyMap<string, string>): Promise<void> {
    this.application(arn);
    await this.#turns.take(arn, async () => {
      const { record } = this.application(arn);
      const changed = { ...record, attributes: { ...record.attributes, ...Object.fromEntries(given) } };
      await this.#save(recordTypes.application, arn, changed, () =>
        this.#applications.set(arn, { arn, record: changed }),
      );
    });
  }

  /** With its endpoints. Idempotent. */
  async deleteApplication(arn: string): Promise<void> {
    readPlatformArn('PlatformApplicationArn', arn, 'app');
    await this.#turns.take(arn, async () => {
      const endpoints = this.endpointsOf(arn);
      const transaction = this.#broker.transaction();
      transaction.record(recordTypes.application, arn, undefined);
      for (const endpoint of endpoints) transaction.record(recordTypes.endpoint, endpoint.arn, undefined);
      transaction.afterCommit(() => {
        this.#applications.delete(arn);
        for (const endpoint of endpoints) this.#endpoints.delete(endpoint.arn);
      });
      await transaction.commit();
    });
  }

  // ---- endpoints

  /** @throws AwsError NotFound; InvalidParameter for what is no ARN of an endpoint. */
  endpoint(arn: string): Endpoint {
    readPlatformArn('EndpointArn', arn, 'endpoint');
    const found = this.#endpoints.get(arn);
    if (found === undefined) throw endpointDoesNotExist();
    return found;
  }

  has(endpoint: string): boolean {
    return this.#endpoints.has(endpoint);
  }

  /** By ARN. */
  endpointsOf(application: string): Endpoint[] {
    return [...this.#endpoints.values()].filter(({ record }) => record.applicationArn === application).sort(byArn);
  }

  /** Makes the endpoint, or finds the one with its token and the same attributes. */
  async createEndpoint(
    application: Application,
    token: string,
    customUserData: string | undefined,
    given: ReadonlyMap<string, string>,
  ): Promise<Endpoint> {
    checkEndpointAttributes(given);
    const wanted = new Map(given);
    if (customUserData !== undefined && !wanted.has('CustomUserData')) wanted.set('CustomUserData', customUserData);
    checkEndpointAttributes(wanted);
    return this.#turns.take(application.arn, async () => {
      this.application(application.arn);
      const existing = this.endpointsOf(application.arn).find(({ record }) => record.attributes['Token'] === token);
      if (existing !== undefined) {
        if ([...wanted].every(([name, value]) => existing.record.attributes[name] === value)) return existing;
        throw invalidParameter(
          `Token Reason: Endpoint ${existing.arn} already exists with the same Token, but different attributes.`,
        );
      }
      const arn = `${application.arn.replace(':app/', ':endpoint/')}/${randomUUID()}`;
      const attributes = Object.fromEntries([['Enabled', 'true'], ['Token', token], ...wanted]);
      const record = { applicationArn: application.arn, attributes };
      await this.#save(recordTypes.endpoint, arn, record, () => this.#endpoints.set(arn, { arn, record }));
      return { arn, record };
    });
  }

  async setEndpoint(arn: string, given: ReadonlyMap<string, string>): Promise<void> {
    const { record: found } = this.endpoint(arn);
    checkEndpointAttributes(given);
    await this.#turns.take(found.applicationArn, async () => {
      const { record } = this.endpoint(arn);
      const changed = { ...record, attributes: { ...record.attributes, ...Object.fromEntries(given) } };
      await this.#save(recordTypes.endpoint, arn, changed, () => this.#endpoints.set(arn, { arn, record: changed }));
    });
  }

  /** Idempotent. */
  async deleteEndpoint(arn: string): Promise<void> {
    readPlatformArn('EndpointArn', arn, 'endpoint');
    await this.#save(recordTypes.endpoint, arn, undefined, () => this.#endpoints.delete(arn));
  }

  // ---- pushing

  /** Why nothing can be pushed to the endpoint. */
  refusalOf(arn: string): AwsError | undefined {
    const endpoint = this.#endpoints.get(arn);
    if (endpoint === undefined) {
      return invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
    }
    if (endpoint.record.attributes['Enabled'] !== 'true') return refusal('EndpointDisabled', 'Endpoint is disabled');
    const application = this.#applications.get(endpoint.record.applicationArn);
    if (application?.record.attributes['Enabled'] === 'false') {
      return refusal('PlatformApplicationDisabled', 'Platform application is disabled');
    }
    return undefined;
  }

  push(transaction: Transaction, arn: string, publication: Publication, topic: string | undefined): void {
    const { account = '', region = '', resource = '' } = parseArn(arn) ?? {};
    const { data } = publication;
    this.#mailbox.deliver(transaction, {
      account,
      region,
      id: data.id,
      kind: 'application',
      to: arn,
      subject: data.subject,
      body: publication.messageFor(resource.split('/')[1] ?? 'default'),
      topicArn: topic,
      at: data.timestamp,
    });
  }

  async #save(type: string, key: string, record: object | undefined, effect: () => void): Promise<void> {
    const transaction = this.#broker.transaction();
    transaction.record(type, key, record === undefined ? undefined : encode(record));
    transaction.afterCommit(effect);
    await transaction.commit();
  }
}

/** The attributes that are shown: credentials are not. */
export function shownAttributes({ record }: Application): ReadonlyMap<string, string> {
  return new Map(Object.entries(record.attributes).filter(([name]) => !secret.has(name)));
}

function checkApplication(name: string, platform: string, attributes: ReadonlyMap<string, string>): void {
  if (name === '') throw invalidParameter(`${name} Reason: cannot be empty`);
  if (name.length > limits.topicNameLength) {
    throw invalidParameter(`${name} Reason: must be at most ${limits.topicNameLength} characters long`);
  }
  if (!/^[a-zA-Z0-9_.-]+$/.test(name)) {
    throw invalidParameter(`${name} Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'`);
  }
  const known = Object.hasOwn(platforms, platform) ? platforms[platform] : undefined;
  if (known === undefined) throw invalidParameter(`Platform Reason: ${platform} is not supported`);
  const hasPrincipal = attributes.has('PlatformPrincipal');
  const hasCredential = attributes.has('PlatformCredential');
  const without = (a: string, b: string): AwsError =>
    invalidParameter(`Attributes Reason: ${a} attribute provided without ${b}`);
  if (hasPrincipal && !hasCredential) throw without('PlatformPrincipal', 'PlatformCredential');
  if (hasCredential && !hasPrincipal && known.principal) throw without('PlatformCredential', 'PlatformPrincipal');
}

function checkEndpointAttributes(given: ReadonlyMap<string, string>): void {
  for (const [name, value] of given) {
    if (!endpointAttributes.has(name)) throw invalidParameter(`Attributes Reason: Invalid attribute name: ${name}`);
    if (name === 'CustomUserData' && Buffer.byteLength(value) > limits.customUserDataBytes) {
      throw invalidParameter(
        'Attributes Reason: Invalid value for attribute: CustomUserData: must be at most ' +
          `${limits.customUserDataBytes} bytes long in UTF-8 encoding`,
      );
    }
  }
}

function byArn(a: { readonly arn: string }, b: { readonly arn: string }): number {
  return a.arn < b.arn ? -1 : 1;
}
