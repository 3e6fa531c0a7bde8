// Which operation a request asks for: by its method, by what it is about, and by parameters that name a part of that. What is
// not here answers NotImplemented, as S3 does (Amazon S3 API Reference, "Actions").

import type { IncomingHttpHeaders } from 'node:http';
import type { Address } from './addressing.ts';
import type { ObjectOperation } from './asked.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { refusal } from './errors.ts';
import { getObject, getObjectTagging, headObject } from './get-object.ts';
import { getObjectAttributes } from './get-object-attributes.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart.ts';
import { putObject } from './put-object.ts';

export const operations: readonly ObjectOperation[] = [
  abortMultipartUpload,
  completeMultipartUpload,
  copyObject,
  createBucket,
  createMultipartUpload,
  deleteBucket,
  deleteObject,
  deleteObjects,
  getBucketLocation,
  getObject,
  getObjectAttributes,
  getObjectTagging,
  headBucket,
  headObject,
  listBuckets,
  listMultipartUploads,
  listObjects,
  listObjectsV2,
  listParts,
  putObject,
  uploadPart,
  uploadPartCopy,
];

/** Parts of buckets and objects that S3 has, and that are not here. */
const absent = new Set([
  'abac',
  'accelerate',
  'acl',
  'analytics',
  'annotation',
  'annotations',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'versioning',
  'versions',
  'website',
]);

/** @throws AwsError NotImplemented, MethodNotAllowed. */
export function operationFor(method: string, address: Address, headers: IncomingHttpHeaders): ObjectOperation {
  const { bucket, key, parameters } = address;
  if (method === 'GET' && key !== '') {
    if (parameters.has('tagging')) return getObjectTagging;
    if (parameters.has('attributes')) return getObjectAttributes;
  }
  const missing = [...parameters.keys()].find((name) => absent.has(name));
  if (missing !== undefined) throw refusal('NotImplemented', { Parameter: missing }, `"${missing}" is not implemented`);
  const version = parameters.get('versionId');
  if (version !== undefined && version !== 'null') {
    throw refusal('NotImplemented', { Parameter: 'versionId' }, 'Versions of objects are not implemented');
  }
  const found =
    bucket === '' ? ofAll(method) : key === '' ? ofBucket(method, parameters) : ofObject(method, parameters, headers);
  if (found !== undefined) return found;
  if (method === 'POST' && key === '') throw refusal('NotImplemented', {}, 'Uploads by HTML forms are not implemented');
  throw refusal('MethodNotAllowed', {
    Method: method,
    ResourceType: bucket === '' ? 'SERVICE' : key === '' ? 'BUCKET' : 'OBJECT',
  });
}

function ofAll(method: string): ObjectOperation | undefined {
  return method === 'GET' ? listBuckets : undefined;
}

function ofBucket(method: string, parameters: ReadonlyMap<string, string>): ObjectOperation | undefined {
  switch (method) {
    case 'PUT':
      return createBucket;
    case 'HEAD':
      return headBucket;
    case 'DELETE':
      return deleteBucket;
    case 'POST':
      return parameters.has('delete') ? deleteObjects : undefined;
    case 'GET':
      if (parameters.has('location')) return getBucketLocation;
      if (parameters.has('uploads')) return listMultipartUploads;
      return parameters.get('list-type') === '2' ? listObjectsV2 : listObjects;
    default:
      return undefined;
  }
}

function ofObject(
  method: string,
  parameters: ReadonlyMap<string, string>,
  headers: IncomingHttpHeaders,
): ObjectOperation | undefined {
  const isUpload = parameters.has('uploadId');
  switch (method) {
    case 'PUT':
      if (headers['x-amz-copy-source'] !== undefined) return isUpload ? uploadPartCopy : copyObject;
      return isUpload ? uploadPart : putObject;
    case 'GET':
      return isUpload ? listParts : getObject;
    case 'HEAD':
      return headObject;
    case 'DELETE':
      return isUpload ? abortMultipartUpload : deleteObject;
    case 'POST':
      if (parameters.has('uploads')) return createMultipartUpload;
      return isUpload ? completeMultipartUpload : undefined;
    default:
      return undefined;
  }
}
