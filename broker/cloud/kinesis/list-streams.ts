// ListStreams: the streams of an account in a region, by name.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, list, required, string, structure, timestamp } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { formatNextToken, parseNextToken } from './model/paging.ts';
import { nextToken, pageLimit, streamModeDetails, streamName } from './model/shapes.ts';
import { wholeSeconds } from './model/whole-seconds.ts';

const input = structure({ Limit: pageLimit, ExclusiveStartStreamName: streamName, NextToken: nextToken });
const output = structure({
  StreamNames: required(list(string())),
  HasMoreStreams: required(boolean()),
  NextToken: string(),
  StreamSummaries: list(
    structure({
      StreamName: required(string()),
      StreamARN: required(string()),
      StreamStatus: required(string()),
      StreamModeDetails: streamModeDetails,
      StreamCreationTimestamp: timestamp(),
    }),
  ),
});

export function listStreams({ streams, clock }: Kinesis): Operation {
  return operation('ListStreams', input, output, async (given, call) => {
    const { Limit: limit = limits.listedStreams, ExclusiveStartStreamName: start, NextToken: token } = given;
    const after = token === undefined ? start : parseNextToken(token, 'streams', clock).after;
    const left = streams.list(call).filter(({ name }) => after === undefined || name > after);
    const shown = left.slice(0, limit);
    const last = left.length > limit ? shown.at(-1) : undefined;
    return {
      StreamNames: shown.map(({ name }) => name),
      HasMoreStreams: last !== undefined,
      NextToken: last && formatNextToken({ list: 'streams', after: last.name, filter: '' }, clock),
      StreamSummaries: shown.map(({ name, arn, status, settings, core }) => ({
        StreamName: name,
        StreamARN: arn,
        StreamStatus: status,
        StreamModeDetails: { StreamMode: settings.mode },
        StreamCreationTimestamp: wholeSeconds(core.definition.createdAt),
      })),
    };
  });
}
