// Headers that an object keeps and gives back (Amazon S3 User Guide, "Working with object metadata"), and those that ask for what is
// not here: these are refused, not passed over.

import { header } from './asked.ts';
import type { Asked } from './asked.ts';
import { checksumHeaders } from './body.ts';
import { invalidArgument, notImplemented, refusal } from './errors.ts';
import type { KeptHeaders, ObjectRecord } from './model/codec.ts';
import { httpTime } from './wire/answers.ts';

const system = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
] as const;
const encryption = 'x-amz-server-side-encryption';
const encryptionKey = 'x-amz-server-side-encryption-aws-kms-key-id';
const storageClass = 'x-amz-storage-class';
const metadata = 'x-amz-meta-';
/** Of all metadata of the user's, names and values. */
const mostMetadataBytes = 2048;
const encryptions: ReadonlySet<string> = new Set(['AES256', 'aws:kms', 'aws:kms:dsse']);
/** Those from which an object can be read at any time. */
const storageClasses: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
]);
const absent = /^x-amz-(tagging$|object-lock-|grant-|website-redirect-location$|write-offset-bytes$|.*-customer-)/;

/** Of a request that makes an object. @throws AwsError. */
export function keptHeaders(asked: Asked): KeptHeaders {
  refuseAbsent(asked);
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of system) {
    const value = header(asked, name);
    if (value !== undefined && value !== '') kept[name] = value;
  }
  const encoding = kept['content-encoding']
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one.toLowerCase() !== 'aws-chunked')
    .join(', ');
  if (encoding === undefined || encoding === '') delete kept['content-encoding'];
  else kept['content-encoding'] = encoding;
  let bytes = 0;
  for (const name of Object.keys(asked.headers)) {
    if (!name.startsWith(metadata)) continue;
    const value = header(asked, name) ?? '';
    bytes += name.length - metadata.length + value.length;
    kept[name] = value;
  }
  if (bytes > mostMetadataBytes) {
    throw refusal('MetadataTooLarge', { Size: String(bytes), MaxSizeAllowed: String(mostMetadataBytes) });
  }
  return { ...kept, ...storedAs(asked) };
}

/** Encryption and storage class; nothing is done about either. */
export function storedAs(asked: Asked): KeptHeaders {
  const kind = header(asked, encryption) ?? 'AES256';
  if (!encryptions.has(kind)) {
    throw invalidArgument('The encryption method specified is not supported', encryption, kind);
  }
  const key = header(asked, encryptionKey);
  const wanted = header(asked, storageClass) ?? 'STANDARD';
  if (!storageClasses.has(wanted)) throw refusal('InvalidStorageClass', { StorageClassRequested: wanted });
  return {
    [encryption]: kind,
    ...(key === undefined || kind === 'AES256' ? {} : { [encryptionKey]: key }),
    ...(wanted === 'STANDARD' ? {} : { [storageClass]: wanted }),
  };
}

export function storageClassOf({ headers }: { readonly headers: KeptHeaders }): string {
  return headers[storageClass] ?? 'STANDARD';
}

function refuseAbsent(asked: Asked): void {
  const name = Object.keys(asked.headers).find((candidate) => absent.test(candidate));
  if (name !== undefined) throw notImplemented(name);
  const acl = header(asked, 'x-amz-acl');
  // Buckets are made without ACLs at AWS since 2023.
  if (acl !== undefined && acl !== 'bucket-owner-full-control') throw refusal('AccessControlListNotSupported');
}

/** What is said of an object that was made. */
export function madeHeaders({ etag, checksums, checksumType, headers }: ObjectRecord): string[] {
  return [
    'ETag',
    `"${etag}"`,
    ...checksumHeaders(checksums),
    'x-amz-checksum-type',
    checksumType,
    ...encryptionOf(headers),
  ];
}

export function encryptionOf(headers: KeptHeaders): string[] {
  return [encryption, encryptionKey].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [name, value];
  });
}

/** What is said of an object that is read, as far as it is the same for all that is read of it. */
export function shownHeaders(
  { etag, at, headers }: ObjectRecord,
  changed: ReadonlyMap<string, string> = new Map(),
): string[] {
  const shown = new Map(Object.entries(headers));
  for (const [name, value] of changed) shown.set(name, value);
  return ['ETag', `"${etag}"`, 'Last-Modified', httpTime(at), 'Accept-Ranges', 'bytes', ...[...shown].flat()];
}
