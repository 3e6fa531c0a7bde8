// What a wire is to the pipeline: a way to read a request's members and to write its answer or refusal.

import type { AwsError } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { StructureShape, Value } from '../shape.ts';

/** What a wire reads its members from: the body, and the parameters that routing found in URL and form. */
export interface Payload {
  readonly body: Buffer;
  readonly parameters: ReadonlyMap<string, string> | undefined;
}

export interface Answer {
  readonly status: number;
  /** Empty: none is said. */
  readonly contentType: string;
  readonly body: string | Buffer;
  /** The Query code and fault, for clients that know the service by its former wire. */
  readonly queryError?: string;
  /** What follows the body for as long as there is more; ends with the request's signal. */
  readonly stream?: AsyncIterable<Buffer>;
}

export interface Wire {
  readonly name: 'json-1.0' | 'json-1.1' | 'cbor-1.1' | 'query';
  /** @throws AwsError SerializationException. */
  parse(shape: StructureShape, payload: Payload): Value<StructureShape>;
  serialise(service: Service, operation: Operation, output: object | undefined, requestId: string): Answer;
  refuse(service: Service | undefined, error: AwsError, requestId: string): Answer;
}
