// ListChannels: there are none.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure, timestamp } from '../shape.ts';
import { invalidArgument } from './model/errors.ts';
import { nextToken, pageLimit, streamArn } from './model/shapes.ts';

const input = structure({
  StreamFilter: list(structure({ StreamARN: required(streamArn), StreamCreationTimestamp: timestamp() }), {
    min: 1,
    max: 10_000,
  }),
  MaxResults: pageLimit,
  NextToken: nextToken,
});
const output = structure({ ChannelSummaries: required(list(structure({}))), NextToken: string() });

export function listChannels(): Operation {
  return operation('ListChannels', input, output, async ({ NextToken: token }) => {
    if (token !== undefined) throw invalidArgument('NextToken is invalid.');
    return { ChannelSummaries: [] };
  });
}
