// Objects: what the index says of them. A body is on the disk before the index names it, and the index is changed in one
// transaction: of two writers the later one wins, a reader sees one or the other, and an engine that has been succeeded changes
// nothing.

import type { Change, Store } from '../../../core/store.ts';
import type { Turns } from '../../sns/model/turns.ts';
import { refusal } from '../errors.ts';
import type { Buckets } from './buckets.ts';
import { decode, encode, objectType, recordTypes } from './codec.ts';
import type { ObjectRecord, Segment } from './codec.ts';
import type { Files, Reading } from './files.ts';

/** Of what is there; throws if that is not what the client expects. */
export type Expectation = (there: ObjectRecord | undefined) => void;

/** Readers who come while an object is replaced look again. */
const mostLooks = 5;

export class Objects {
  readonly #store: Store;
  readonly #buckets: Buckets;
  readonly #files: Files;
  readonly #turns: Turns;

  constructor(store: Store, buckets: Buckets, files: Files, turns: Turns) {
    this.#store = store;
    this.#buckets = buckets;
    this.#files = files;
    this.#turns = turns;
  }

  async find(bucket: string, key: string): Promise<ObjectRecord | undefined> {
    const value = await this.#store.readRecord(objectType(bucket), key);
    return value && decode<ObjectRecord>(value);
  }

  /** @throws AwsError NoSuchBucket, NoSuchKey. */
  async at(bucket: string, key: string): Promise<ObjectRecord> {
    this.#buckets.at(bucket);
    const record = await this.find(bucket, key);
    if (record === undefined) throw refusal('NoSuchKey', { Key: key });
    return record;
  }

  /** With its bytes, which stay as long as they are read. @throws AwsError as `at`, and what `expect` throws. */
  async read(
    bucket: string,
    key: string,
    expect: Expectation,
  ): Promise<{ readonly record: ObjectRecord; readonly segments: readonly Segment[]; readonly reading: Reading }> {
    for (let look = 0; look < mostLooks; look++) {
      const record = await this.at(bucket, key);
      expect(record);
      const segments = await this.segmentsOf(record);
      const reading = segments && (await this.#files.read(segments));
      if (segments !== undefined && reading !== undefined) return { record, segments, reading };
    }
    throw refusal('InternalError');
  }

  /** Undefined: the object was replaced since. */
  async segmentsOf({ file, size, parts }: ObjectRecord): Promise<readonly Segment[] | undefined> {
    if (parts === undefined) return [{ file, size }];
    const value = await this.#store.readRecord(recordTypes.manifest, file);
    return value && decode<readonly Segment[]>(value);
  }

  /**
   * The object is there when this resolves. `changes`: what else belongs to the transaction.
   * @throws AwsError NoSuchBucket, and what `expect` throws; BrokerError as Store.write does. Its files are the caller's then.
   */
  put(
    bucket: string,
    key: string,
    record: ObjectRecord,
    expect: Expectation,
    changes: readonly Change[] = [this.#files.keep(record.file)],
  ): Promise<void> {
    return this.#change(bucket, key, async (there) => {
      expect(there);
      return [{ kind: 'record', type: objectType(bucket), key, value: encode(record) }, ...changes];
    });
  }

  /** What is not there is as good as deleted. @throws as `put`. */
  delete(bucket: string, key: string, expect: Expectation = () => undefined): Promise<void> {
    return this.#change(bucket, key, async (there) => {
      expect(there);
      return there === undefined ? [] : [{ kind: 'record', type: objectType(bucket), key, value: undefined }];
    });
  }

  #change(
    bucket: string,
    key: string,
    changesFor: (there: ObjectRecord | undefined) => Promise<readonly Change[]>,
  ): Promise<void> {
    return this.#buckets.change(bucket, () =>
      this.#turns.take(`object/${bucket}/${key}`, async () => {
        const there = await this.find(bucket, key);
        const changes = await changesFor(there);
        if (changes.length === 0) return;
        const files = there === undefined ? [] : ((await this.segmentsOf(there)) ?? []).map(({ file }) => file);
        const loosened: Change[] = files.map((file) => this.#files.loosen(file));
        if (there?.parts !== undefined) {
          loosened.push({ kind: 'record', type: recordTypes.manifest, key: there.file, value: undefined });
        }
        await this.#store.write([...changes, ...loosened]);
        this.#files.drop(files);
      }),
    );
  }
}
