// DeleteEndpoint: one that is not there is deleted as well. Subscriptions to it stay.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ EndpointArn: required(string()) });

export function deleteEndpoint({ platforms }: Sns): Operation {
  return command('DeleteEndpoint', input, ({ EndpointArn: arn }) => platforms.deleteEndpoint(arn));
}
