// Buckets: one namespace for all accounts and regions, as at AWS (Amazon S3 User Guide, "General purpose bucket naming rules").

import type { Store } from '../../../core/store.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Turns } from '../../sns/model/turns.ts';
import { refusal } from '../errors.ts';
import { decode, encode, objectType, recordTypes } from './codec.ts';
import type { BucketRecord } from './codec.ts';

/** Of an account. */
const mostBuckets = 10_000;
const namePattern = /^(?=.{3,63}$)[a-z0-9]([a-z0-9-]|\.(?!\.))*[a-z0-9]$/;
const reserved = /^(xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

export interface Bucket extends BucketRecord {
  readonly name: string;
  /** Changes to what is in it that are under way. */
  changing: number;
  isEnding: boolean;
}

export function isBucketName(name: string): boolean {
  return namePattern.test(name) && !reserved.test(name);
}

export class Buckets {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #byName = new Map<string, Bucket>();

  constructor(store: Store, clock: Clock, turns: Turns) {
    this.#store = store;
    this.#clock = clock;
    this.#turns = turns;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#store.readRecords(recordTypes.bucket)) {
      this.#byName.set(key, { name: key, ...decode<BucketRecord>(value), changing: 0, isEnding: false });
    }
  }

  find(name: string): Bucket | undefined {
    return this.#byName.get(name);
  }

  /** @throws AwsError NoSuchBucket, InvalidBucketName. */
  at(name: string): Bucket {
    const bucket = this.#byName.get(name);
    if (bucket !== undefined) return bucket;
    throw refusal(isBucketName(name) ? 'NoSuchBucket' : 'InvalidBucketName', { BucketName: name });
  }

  /** By name. */
  ofAccount(account: string): Bucket[] {
    return [...this.#byName.values()]
      .filter(({ owner }) => owner === account)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws AwsError for a name that is none, or taken; BrokerError as Store.write does. */
  create(name: string, owner: string, region: string, constraint = region): Promise<void> {
    if (!isBucketName(name)) throw refusal('InvalidBucketName', { BucketName: name });
    return this.#turns.take(`bucket/${name}`, async () => {
      const there = this.#byName.get(name);
      if (there !== undefined) {
        if (there.owner !== owner) throw refusal('BucketAlreadyExists', { BucketName: name });
        // In its first region S3 lets its clients do it again.
        if (there.region === 'us-east-1' && region === 'us-east-1') return;
        throw refusal('BucketAlreadyOwnedByYou', { BucketName: name });
      }
      if (this.ofAccount(owner).length >= mostBuckets) throw refusal('TooManyBuckets');
      const second = constraint === region ? {} : { constraint };
      const record: BucketRecord = { owner, region, ...second, createdAt: this.#clock.now() };
      await this.#store.write([{ kind: 'record', type: recordTypes.bucket, key: name, value: encode(record) }]);
      this.#byName.set(name, { name, ...record, changing: 0, isEnding: false });
    });
  }

  /**
   * Nothing can be put into it while it is looked whether it is empty.
   * @throws AwsError NoSuchBucket, BucketNotEmpty; BrokerError as Store.write does.
   */
  delete(name: string, endUploads: () => Promise<void>): Promise<void> {
    return this.#turns.take(`bucket/${name}`, async () => {
      const bucket = this.at(name);
      if (bucket.changing > 0) throw refusal('OperationAborted');
      bucket.isEnding = true;
      try {
        const [first] = await this.#store.readRecordPage(objectType(name), '', 1);
        if (first !== undefined) throw refusal('BucketNotEmpty', { BucketName: name });
        await endUploads();
        await this.#store.write([{ kind: 'record', type: recordTypes.bucket, key: name, value: undefined }]);
        this.#byName.delete(name);
      } finally {
        bucket.isEnding = false;
      }
    });
  }

  /** Changes what is in a bucket. @throws AwsError NoSuchBucket; OperationAborted: it is being deleted. */
  async change<T>(name: string, work: () => Promise<T>): Promise<T> {
    const bucket = this.at(name);
    if (bucket.isEnding) throw refusal('OperationAborted');
    bucket.changing += 1;
    try {
      return await work();
    } finally {
      bucket.changing -= 1;
    }
  }
}
