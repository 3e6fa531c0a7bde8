// What an operation sees of a request: what it is about, headers, parameters, and a body that is still to come.

import type { IncomingHttpHeaders } from 'node:http';
import type { Seal } from '../auth/signatures.ts';
import type { StreamedAnswer } from '../streaming.ts';
import type { ObjectStorage } from './model/storage.ts';

export interface Asked {
  /** Empty: the request is about all of the caller's. */
  readonly bucket: string;
  /** Empty: it is about the bucket. */
  readonly key: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly account: string;
  readonly region: string;
  /** What URLs begin with. */
  readonly origin: string;
  readonly incoming: AsyncIterable<Buffer>;
  /** What pieces of the body are signed with; undefined: nobody looks. */
  readonly seal: Seal | undefined;
  /** Whether the caller may do something else besides. @throws AwsError AccessDenied. */
  permit(operation: string, bucket: string, key: string): void;
}

export interface ObjectOperation {
  readonly name: string;
  /** @throws AwsError for what S3 refuses; BrokerError for what the engine does. */
  act(asked: Asked, storage: ObjectStorage): Promise<StreamedAnswer>;
}

/** The header's value, if it has one; several are one, with commas. */
export function header({ headers }: Pick<Asked, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
