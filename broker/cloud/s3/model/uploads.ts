// Uploads in parts (Amazon S3 User Guide, "Uploading and copying objects using multipart upload"): each part is a file, and the
// object is a list of them. Nothing is copied when they are put together.

import { hash, randomBytes } from 'node:crypto';
import type { Change, Store } from '../../../core/store.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Turns } from '../../sns/model/turns.ts';
import { refusal } from '../errors.ts';
import type { Buckets } from './buckets.ts';
import { decode, encode, partType, recordTypes, uploadType } from './codec.ts';
import type { ObjectRecord, PartRecord, Segment, UploadRecord } from './codec.ts';
import type { Files } from './files.ts';
import type { Expectation, Objects } from './objects.ts';

export interface UploadOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly files: Files;
  readonly turns: Turns;
}

export interface Upload extends UploadRecord {
  readonly bucket: string;
  readonly key: string;
  readonly id: string;
}

export interface Part extends PartRecord {
  readonly number: number;
}

export const mostParts = 10_000;
const idPattern = /^[\w-]{1,128}$/;

export class Uploads {
  readonly #options: UploadOptions;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** @throws AwsError NoSuchBucket; BrokerError as Store.write does. */
  async create(bucket: string, key: string, record: Omit<UploadRecord, 'at'>): Promise<Upload> {
    const { store, clock, buckets } = this.#options;
    const at = clock.now();
    // Those of a key are listed in the order of their beginnings.
    const id = `${at.toString(36).padStart(9, '0')}-${randomBytes(18).toString('base64url')}`;
    const made: UploadRecord = { ...record, at };
    await buckets.change(bucket, () =>
      store.write([{ kind: 'record', type: uploadType(bucket), key: uploadKey(key, id), value: encode(made) }]),
    );
    return { ...made, bucket, key, id };
  }

  /** @throws AwsError NoSuchBucket, NoSuchUpload. */
  async at(bucket: string, key: string, id: string): Promise<Upload> {
    const { store, buckets } = this.#options;
    buckets.at(bucket);
    const value = idPattern.test(id) ? await store.readRecord(uploadType(bucket), uploadKey(key, id)) : undefined;
    if (value === undefined) throw refusal('NoSuchUpload', { UploadId: id });
    return { ...decode<UploadRecord>(value), bucket, key, id };
  }

  /** In place of one with the same number. @throws as `at`; BrokerError as Store.write does. The file is the caller's then. */
  putPart({ bucket, key, id }: Upload, number: number, record: PartRecord): Promise<void> {
    const { store, files } = this.#options;
    return this.#change(bucket, id, async () => {
      await this.at(bucket, key, id);
      const type = partType(id);
      const name = partKey(number);
      const before = await store.readRecord(type, name);
      const old = before && decode<PartRecord>(before).file;
      const changes: Change[] = [{ kind: 'record', type, key: name, value: encode(record) }, files.keep(record.file)];
      if (old !== undefined) changes.push(files.loosen(old));
      await store.write(changes);
      if (old !== undefined) files.drop([old]);
    });
  }

  /** Those after a number, in order. */
  async parts({ id }: Upload, after = 0, most = mostParts): Promise<Part[]> {
    const records = await this.#options.store.readRecordPage(partType(id), partKey(after + 1), most);
    return records.map(({ key, value }) => ({ number: Number(key), ...decode<PartRecord>(value) }));
  }

  /**
   * The object is there when this resolves. `choose` says of which parts it is made.
   * @throws what `choose` and `expect` throw; as `at`; BrokerError as Store.write does. The upload is as it was then.
   */
  complete(
    upload: Upload,
    choose: (parts: readonly Part[]) => {
      readonly parts: readonly Part[];
      readonly record: Omit<ObjectRecord, 'file' | 'parts' | 'size' | 'etag' | 'at'>;
    },
    expect: Expectation,
  ): Promise<ObjectRecord> {
    const { store, clock, objects, files } = this.#options;
    const { bucket, key, id } = upload;
    return this.#change(bucket, id, async () => {
      await this.at(bucket, key, id);
      const all = await this.parts(upload);
      const { parts, record: described } = choose(all);
      const file = store.nextId().toString(16).padStart(12, '0');
      const record: ObjectRecord = {
        ...described,
        file,
        parts: parts.length,
        size: sizeOf(parts),
        etag: etagOf(parts),
        at: clock.now(),
      };
      const used = new Set(parts.map(({ number }) => number));
      const others = all.filter(({ number }) => !used.has(number)).map((part) => part.file);
      const isComposite = described.checksumType === 'COMPOSITE';
      const segments = parts.map(({ file: name, size, checksums }): Segment =>
        isComposite ? { file: name, size, checksums } : { file: name, size },
      );
      await objects.put(bucket, key, record, expect, [
        { kind: 'record', type: recordTypes.manifest, key: file, value: encode(segments) },
        ...this.#forget(upload, all),
        ...others.map((name) => files.loosen(name)),
      ]);
      files.drop(others);
      return record;
    });
  }

  /** @throws as `at`; BrokerError as Store.write does. */
  abort(upload: Upload): Promise<void> {
    const { bucket, key, id } = upload;
    return this.#change(bucket, id, async () => {
      await this.at(bucket, key, id);
      await this.#discard(upload);
    });
  }

  /** Of a bucket that is deleted. */
  async abortAll(bucket: string): Promise<void> {
    const { store } = this.#options;
    for (const { key: name, value } of await store.readRecords(uploadType(bucket))) {
      await this.#discard({ ...decode<UploadRecord>(value), bucket, ...splitUploadKey(name) });
    }
  }

  async #discard(upload: Upload): Promise<void> {
    const { store, files } = this.#options;
    const all = await this.parts(upload);
    const names = all.map(({ file }) => file);
    await store.write([...this.#forget(upload, all), ...names.map((name) => files.loosen(name))]);
    files.drop(names);
  }

  #forget({ bucket, key, id }: Upload, parts: readonly Part[]): Change[] {
    return [
      { kind: 'record', type: uploadType(bucket), key: uploadKey(key, id), value: undefined },
      ...parts.map(({ number }): Change => ({
        kind: 'record',
        type: partType(id),
        key: partKey(number),
        value: undefined,
      })),
    ];
  }

  #change<T>(bucket: string, id: string, work: () => Promise<T>): Promise<T> {
    const { buckets, turns } = this.#options;
    return buckets.change(bucket, () => turns.take(`upload/${id}`, work));
  }
}

export function sizeOf(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** Of the digests of the parts, with their number behind it. */
function etagOf(parts: readonly Part[]): string {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
  return `${hash('md5', digests, 'hex')}-${parts.length}`;
}

function uploadKey(key: string, id: string): string {
  return `${key}\0${id}`;
}

/** Ids have no NUL in them; keys may. */
export function splitUploadKey(name: string): { readonly key: string; readonly id: string } {
  const at = name.lastIndexOf('\0');
  return { key: name.slice(0, at), id: name.slice(at + 1) };
}

function partKey(number: number): string {
  return String(number).padStart(5, '0');
}
