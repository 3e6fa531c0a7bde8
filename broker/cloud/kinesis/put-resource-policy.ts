// PutResourcePolicy: the policy of a stream or a consumer, kept as it was given.

import { checkStatements, policyOf } from '../auth/policy-grammar.ts';
import type { Fault, Grammar } from '../auth/policy-grammar.ts';
import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { shareable } from './authorization.ts';
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

const grammar: Grammar = {
  service: 'kinesis',
  actions: new Set(Array.from(shareable, (action) => action.toLowerCase())),
  wildcards: true,
};

const wrong = {
  syntax: 'The policy is not a valid policy document.',
  principal: 'The policy has an invalid principal.',
  action: 'The policy has an action that is not supported.',
  condition: 'The policy has an invalid condition.',
} as const satisfies Record<Fault, string>;

/** Where no answer of AWS is on record, these words are ours. */
function checkPolicy(policy: string): void {
  const read = policyOf(policy);
  const checked = read === undefined ? 'syntax' : checkStatements(read.statements, grammar);
  if (typeof checked === 'string') throw invalidArgument(wrong[checked]);
}
