// What S3 keeps in the store, as records of JSON: the index of what is in its files. Nobody else writes them, so that they are
// read as they were written.

import type { Algorithm, ChecksumType } from '../wire/checksums.ts';

/** Types of records, and what their keys are. */
export const recordTypes = {
  /** By name. */
  bucket: 's3-bucket',
  /** Files that nothing refers to, yet or any more, by name. */
  loose: 's3-loose',
  /** What an object of several parts is made of, by its name for files. */
  manifest: 's3-manifest',
} as const;

/** By key. */
export function objectType(bucket: string): string {
  return `s3-object/${bucket}`;
}

/** By key, a NUL, and the id of the upload. */
export function uploadType(bucket: string): string {
  return `s3-upload/${bucket}`;
}

/** By number, in five digits. */
export function partType(uploadId: string): string {
  return `s3-part/${uploadId}`;
}

export interface BucketRecord {
  readonly owner: string;
  readonly region: string;
  /** What the region was called when it was asked for, where it has a second name. */
  readonly constraint?: string;
  readonly createdAt: number;
}

export type Checksums = Readonly<Partial<Record<Algorithm, string>>>;

/** Names and values of headers that are given back as they came. */
export type KeptHeaders = Readonly<Record<string, string>>;

export interface ObjectRecord {
  /** Of the file, or of the manifest. */
  readonly file: string;
  /** Absent: it is one file. */
  readonly parts?: number;
  readonly size: number;
  readonly etag: string;
  readonly at: number;
  readonly headers: KeptHeaders;
  readonly checksums: Checksums;
  readonly checksumType: ChecksumType;
}

export interface Segment {
  readonly file: string;
  readonly size: number;
  /** Of a part of an object whose checksum is made of those of its parts. */
  readonly checksums?: Checksums;
}

export interface UploadRecord {
  readonly at: number;
  readonly owner: string;
  readonly headers: KeptHeaders;
  readonly algorithm: Algorithm;
  readonly checksumType: ChecksumType;
  /** The client has asked for the algorithm. */
  readonly isAsked: boolean;
}

export interface PartRecord extends Segment {
  readonly etag: string;
  readonly at: number;
  readonly checksums: Checksums;
}

export function encode(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}

// eslint-disable-next-line typescript/no-unnecessary-type-parameters -- the reader says what was written
export function decode<T>(bytes: Buffer): T {
  return JSON.parse(bytes.toString()) as T;
}
