// What is done to buckets: CreateBucket, HeadBucket, DeleteBucket, ListBuckets, GetBucketLocation.

import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { header } from './asked.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { hasBody, receiveDocument } from './body.ts';
import { invalidArgument, notImplemented, refusal } from './errors.ts';
import { isRegion } from './regions.ts';
import { branch, emptyAnswer, isoTime, leaf, xmlAnswer } from './wire/answers.ts';
import { textOf } from './wire/xml-document.ts';

/** Where a bucket is if nothing is said. */
const firstRegion = 'us-east-1';
const mostListed = 10_000;

export const createBucket: ObjectOperation = {
  name: 'CreateBucket',
  async act(asked, { buckets }) {
    const { bucket, account } = asked;
    const acl = header(asked, 'x-amz-acl');
    if (acl !== undefined && acl !== 'private') throw refusal('InvalidBucketAclWithObjectOwnership');
    const absent = Object.keys(asked.headers).find((name) => /^x-amz-(grant-|bucket-object-lock-)/.test(name));
    if (absent !== undefined && header(asked, absent)?.toLowerCase() !== 'false') throw notImplemented(absent);
    const { region, constraint } = await placeOf(asked);
    await buckets.create(bucket, account, region, constraint);
    const location = region === firstRegion ? `/${bucket}` : urlOf(bucket, asked.origin);
    return emptyAnswer(200, ['Location', location, 'x-amz-bucket-arn', arnOf(bucket)]);
  },
};

interface Place {
  readonly region: string;
  /** As it was asked for. */
  readonly constraint?: string | undefined;
}

/** The endpoint of a region makes buckets there; that of the first, anywhere. */
async function placeOf(asked: Asked): Promise<Place> {
  const { region } = asked;
  const document = hasBody(asked) ? await receiveDocument(asked, 'CreateBucketConfiguration') : undefined;
  const absent = document?.children.find(({ name }) => name !== 'LocationConstraint');
  if (absent !== undefined) throw notImplemented(absent.name);
  const constraint = document && textOf(document, 'LocationConstraint');
  if (constraint === undefined || constraint === '') {
    if (region === firstRegion) return { region };
    throw refusal('IllegalLocationConstraintException');
  }
  const wanted = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region !== firstRegion && region !== wanted) {
    throw refusal(
      'IllegalLocationConstraintException',
      {},
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  if (wanted === firstRegion || !isRegion(wanted)) {
    throw refusal('InvalidLocationConstraint', { LocationConstraint: constraint });
  }
  return { region: wanted, constraint };
}

/** Of a bucket in the host, where that is a name. */
function urlOf(bucket: string, origin: string): string {
  const { protocol, host, hostname } = new URL(origin);
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? `${protocol}//${bucket}.${host}/` : `${origin}/${bucket}/`;
}

export const headBucket: ObjectOperation = {
  name: 'HeadBucket',
  async act({ bucket }, { buckets }) {
    const { region } = buckets.at(bucket);
    return emptyAnswer(200, [
      'Content-Type',
      'application/xml',
      'x-amz-bucket-arn',
      arnOf(bucket),
      'x-amz-bucket-region',
      region,
      'x-amz-access-point-alias',
      'false',
    ]);
  },
};

export const deleteBucket: ObjectOperation = {
  name: 'DeleteBucket',
  async act({ bucket }, { buckets, uploads }) {
    buckets.at(bucket);
    await buckets.delete(bucket, () => uploads.abortAll(bucket));
    return emptyAnswer(204);
  },
};

export const getBucketLocation: ObjectOperation = {
  name: 'GetBucketLocation',
  async act({ bucket }, { buckets }) {
    const { region, constraint = region } = buckets.at(bucket);
    return xmlAnswer('LocationConstraint', region === firstRegion ? [] : [constraint]);
  },
};

export const listBuckets: ObjectOperation = {
  name: 'ListBuckets',
  async act({ account, parameters }, { buckets }) {
    const text = parameters.get('max-buckets');
    const most = text === undefined ? mostListed : Number(text);
    if (!Number.isInteger(most) || most < 1 || most > mostListed) {
      throw invalidArgument(`max-buckets must be an integer between 1 and ${mostListed}`, 'max-buckets', text ?? '');
    }
    const prefix = parameters.get('prefix') ?? '';
    const region = parameters.get('bucket-region');
    if (region !== undefined && !isRegion(region)) {
      const message = `Argument value ${region} is not a valid AWS Region`;
      throw refusal('InvalidArgument', { ArgumentName: 'bucket-region' }, message);
    }
    const after = Buffer.from(parameters.get('continuation-token') ?? '', 'base64url').toString();
    const matching = buckets
      .ofAccount(account)
      .filter((one) => one.name.startsWith(prefix) && one.name > after && (region ?? one.region) === one.region);
    const page = matching.slice(0, most);
    const last = matching.length > most ? page.at(-1)?.name : undefined;
    return xmlAnswer('ListAllMyBucketsResult', [
      branch('Owner', leaf('ID', ownerId(account))),
      branch(
        'Buckets',
        ...page.map((one) =>
          branch(
            'Bucket',
            leaf('Name', one.name),
            leaf('CreationDate', isoTime(one.createdAt)),
            leaf('BucketRegion', one.region),
            leaf('BucketArn', arnOf(one.name)),
          ),
        ),
      ),
      leaf('ContinuationToken', last && Buffer.from(last).toString('base64url')),
      leaf('Prefix', parameters.get('prefix')),
    ]);
  },
};

function arnOf(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** The canonical id of an account. */
export function ownerId(account: string): string {
  return hash('sha256', `account ${account}`, 'hex');
}
