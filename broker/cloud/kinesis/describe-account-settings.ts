// DescribeAccountSettings: whether the account has committed itself to a minimum throughput (On-demand Advantage).

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { structure } from '../shape.ts';
import { accountSettings, showCommitment } from './model/commitment.ts';
import type { Kinesis } from './model/kinesis.ts';

export function describeAccountSettings({ accounts }: Kinesis): Operation {
  return operation('DescribeAccountSettings', structure({}), accountSettings, async (_given, call) =>
    showCommitment(accounts.commitment(call)),
  );
}
