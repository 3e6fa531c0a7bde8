// CreateChannel: refused, the account is not enabled for channels.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import { accessDenied } from './model/errors.ts';
import { channelName, roleArn, streamArn, tagMap } from './model/shapes.ts';

const input = structure({
  ChannelName: required(channelName),
  ServiceExecutionRoleARN: required(roleArn),
  StreamConfigurationList: required(
    list(
      structure({
        StreamARN: required(streamArn),
        RecordConfiguration: required(
          structure({
            RecordFormatType: required(string({ oneOf: ['GSR_JSON', 'JSON', 'STRING', 'BYTE_ARRAY'] })),
            GSRSchemaARN: string({ min: 1, max: 512 }),
          }),
        ),
      }),
      { min: 1, max: 10_000 },
    ),
  ),
  Tags: tagMap,
});

export function createChannel(): Operation {
  return command('CreateChannel', input, async (_given, { account }) => {
    throw accessDenied(
      `Account ${account} is not authorized to perform this operation: channels are not enabled for it.`,
    );
  });
}
