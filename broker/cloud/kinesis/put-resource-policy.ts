// PutResourcePolicy: the policy of a stream or a consumer, kept as it was given.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resourceAt } from './model/resources.ts';
import { resourceArn, streamId } from './model/shapes.ts';

const input = structure({ ResourceARN: required(resourceArn), StreamId: streamId, Policy: required(string()) });

export function putResourcePolicy(kinesis: Kinesis): Operation {
  return command('PutResourcePolicy', input, async ({ ResourceARN: arn, StreamId: id, Policy: policy }, call) => {
    const resource = resourceAt(kinesis, arn, id, call);
    checkPolicy(policy);
    await resource.change({ policy });
  });
}

/** It is a policy as far as its form goes: an object with statements. */
function checkPolicy(policy: string): void {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    throw invalidArgument('The policy is not valid JSON.');
  }
  const hasStatement = typeof document === 'object' && document !== null && 'Statement' in document;
  if (!hasStatement) throw invalidArgument('The policy has no Statement.');
}
