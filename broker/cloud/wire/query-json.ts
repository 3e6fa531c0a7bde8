// The Query wire, answered in JSON for who asks for that by `Accept`: what integrations of other services see of it.
// Members that are absent are null, a map is a list of its pairs.

import type { AwsError } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { Shape, StructureShape } from '../shape.ts';
import { query } from './query.ts';
import type { Answer, Payload, Wire } from './wire.ts';

const contentType = 'application/json';

/** Lists whose names begin with a small letter here. */
const names: Readonly<Record<string, string>> = { Messages: 'messages', QueueUrls: 'queueUrls' };

export const queryJson: Wire = {
  name: 'query',
  parse: (shape: StructureShape, payload: Payload) => query.parse(shape, payload),
  serialise(_service: Service, { name, output }: Operation, value: object | undefined, requestId: string): Answer {
    const result = output === undefined ? {} : { [`${name}Result`]: toJson(output, value ?? {}) };
    const response = { ...result, ResponseMetadata: { RequestId: requestId } };
    return { status: 200, contentType, body: JSON.stringify({ [`${name}Response`]: response }) };
  },
  refuse(_service: Service | undefined, { kind, queryMessage }: AwsError, requestId: string): Answer {
    const error = { Code: kind.code, Detail: null, Message: queryMessage, Type: kind.fault };
    return { status: kind.status, contentType, body: JSON.stringify({ Error: error, RequestId: requestId }) };
  },
};

function toJson(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure': {
      const given = value as Readonly<Record<string, unknown>>;
      const members = shape.entries.map(([name, of]) => {
        const item = given[name];
        return [names[name] ?? name, item === undefined ? null : toJson(of, item)] as const;
      });
      return Object.fromEntries(members);
    }
    case 'list':
      return (value as readonly unknown[]).map((item) => toJson(shape.member, item));
    case 'map': {
      const pairs = [...(value as ReadonlyMap<string, unknown>)];
      return pairs.map(([key, item]) => ({ [shape.key]: key, [shape.value]: toJson(shape.of, item) }));
    }
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'timestamp':
      return (value as number) / 1000;
    case 'string':
    case 'integer':
    case 'boolean':
      return value;
  }
}
