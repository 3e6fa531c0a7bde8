// Which requests are for S3, and which bucket and key they name: by path, or by the host (Amazon S3 User Guide, "Virtual hosting
// of general purpose buckets").

import type { Head } from '../streaming.ts';
import { refusal } from './errors.ts';

export interface Address {
  /** Empty: none is named. */
  readonly bucket: string;
  readonly key: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const longestKeyBytes = 1024;
/** `bucket.s3.localhost`, `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3-eu-west-1.amazonaws.com` */
const bucketHost = /^(.+?)\.s3(?:[.-].+)?$/;
/** `s3.localhost`, `s3.us-east-1.localhost` */
const serviceHost = /^s3(?:[.-].+)?$/;
const localHost = /^([^.].*)\.localhost$/;
/** Hosts below localhost that are not names of buckets. */
const otherServices = /^(s3|sqs|sns|kinesis)(\.|$)/;
const unsigned = /^\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?=$|[/?])/;
const account = /^\/\d{12}(?=$|[/?])/;
const postedTo = /[?&](delete|uploads|uploadId)(=|&|$)/;
const scopePattern = /Credential=[^/]+\/\d*\/[^/]+\/([a-z0-9-]+)\//;

/** By its signature, its host, or, where it has neither, a path that no other service has. */
export function isForS3({ method, target, headers }: Head): boolean {
  if (headers['x-amz-target'] !== undefined) return false;
  const question = target.indexOf('?');
  const query = question < 0 ? '' : target.slice(question);
  const service = signedFor(headers.authorization, query);
  if (service !== undefined) return service === 's3';
  if (/[?&]Action=/.test(query)) return false;
  // Version 2 of signatures, which S3 alone had.
  if (headers.authorization?.startsWith('AWS ') === true) return true;
  if (headers.authorization !== undefined) return false;
  const host = hostOf(headers);
  if (bucketHost.test(host) || serviceHost.test(host)) return true;
  const isBucket = bucketOfHost(host) !== undefined || (unsigned.test(target) && !account.test(target));
  if (!isBucket) return false;
  return method === 'POST' ? postedTo.test(query) || isForm(headers) : method !== 'OPTIONS';
}

/** @throws AwsError InvalidURI, KeyTooLongError. */
export function addressOf({ target, headers }: Head): Address {
  const question = target.indexOf('?');
  const path = (question < 0 ? target : target.slice(0, question)).replace(/^\//, '');
  const parameters = readParameters(question < 0 ? '' : target.slice(question + 1));
  const bucket = bucketOfHost(hostOf(headers));
  const slash = path.indexOf('/');
  const named = bucket ?? decodePath(slash < 0 ? path : path.slice(0, slash));
  const key = decodePath(bucket === undefined ? (slash < 0 ? '' : path.slice(slash + 1)) : path);
  const size = Buffer.byteLength(key);
  if (size > longestKeyBytes) {
    throw refusal('KeyTooLongError', { Size: String(size), MaxSizeAllowed: String(longestKeyBytes) });
  }
  return { bucket: named, key, parameters };
}

/** @throws AwsError InvalidURI for what is not UTF-8, percent-encoded. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refusal('InvalidURI', { URI: path });
  }
}

function readParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodePath((equals < 0 ? part : part.slice(0, equals)).replaceAll('+', ' '));
    parameters.set(name, equals < 0 ? '' : decodePath(part.slice(equals + 1).replaceAll('+', ' ')));
  }
  return parameters;
}

function signedFor(authorization: string | undefined, query: string): string | undefined {
  if (authorization !== undefined) return scopePattern.exec(authorization)?.[1];
  const presigned = /[?&]X-Amz-Credential=([^&]*)/.exec(query)?.[1];
  if (presigned === undefined) return undefined;
  return scopePattern.exec(`Credential=${presigned.replaceAll(/%2F/gi, '/')}`)?.[1];
}

function bucketOfHost(host: string): string | undefined {
  const [, bucket] = bucketHost.exec(host) ?? [];
  if (bucket !== undefined) return bucket;
  if (otherServices.test(host)) return undefined;
  return localHost.exec(host)?.[1];
}

function hostOf(headers: Head['headers']): string {
  const authority = headers.host ?? headers[':authority'];
  const host = typeof authority === 'string' ? authority : '';
  // An address of version 6 is in brackets.
  return host.startsWith('[') ? '' : host.replace(/:\d*$/, '').toLowerCase();
}

function isForm({ 'content-type': type = '' }: Head['headers']): boolean {
  return type.startsWith('multipart/form-data');
}
