// GetSubscriptionAttributes.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ SubscriptionArn: required(string()) });
const output = structure({ Attributes: attributeMap });

export function getSubscriptionAttributes({ subscriptions }: Sns): Operation {
  return operation('GetSubscriptionAttributes', input, output, async ({ SubscriptionArn: arn }) => ({
    Attributes: subscriptions.at(arn).attributes(),
  }));
}
