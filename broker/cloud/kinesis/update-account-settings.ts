// UpdateAccountSettings: begins or ends the minimum throughput billing commitment, which lasts for a day at least.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { accountSettings, showCommitment } from './model/commitment.ts';
import type { Kinesis } from './model/kinesis.ts';

const input = structure({
  MinimumThroughputBillingCommitment: required(
    structure({ Status: required(string({ oneOf: ['ENABLED', 'DISABLED'] })) }),
  ),
});

export function updateAccountSettings({ accounts }: Kinesis): Operation {
  return operation('UpdateAccountSettings', input, accountSettings, async (given, call) => {
    const { Status: status } = given.MinimumThroughputBillingCommitment;
    await (status === 'ENABLED' ? accounts.commit(call) : accounts.release(call));
    return showCommitment(accounts.commitment(call));
  });
}
