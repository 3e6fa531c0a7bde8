// ListStreamConsumers: the consumers of a stream, in the order they were registered in.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure, timestamp } from '../shape.ts';
import { showConsumer } from './model/consumers.ts';
import { invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { formatNextToken, parseNextToken } from './model/paging.ts';
import { nextToken, pageLimit, shownConsumer, streamArn, streamId } from './model/shapes.ts';

const input = structure({
  StreamARN: required(streamArn),
  NextToken: nextToken,
  MaxResults: pageLimit,
  StreamCreationTimestamp: timestamp(),
  StreamId: streamId,
});
const output = structure({ Consumers: list(shownConsumer), NextToken: string() });

export function listStreamConsumers({ streams, clock }: Kinesis): Operation {
  return operation('ListStreamConsumers', input, output, async (given, call) => {
    const { NextToken: token, MaxResults: limit = limits.listedConsumers, StreamARN, StreamId } = given;
    const { StreamCreationTimestamp: createdAt } = given;
    const stream = streams.named({ StreamARN, StreamId }, call);
    if (createdAt !== undefined && token !== undefined) {
      throw invalidArgument('NextToken and StreamCreationTimestamp cannot be provided together.');
    }
    const isOther = Math.floor((createdAt ?? 0) / 1000) !== Math.floor(stream.core.definition.createdAt / 1000);
    if (createdAt !== undefined && isOther) {
      throw invalidArgument(
        `StreamCreationTimestamp does not match the one of stream ${stream.name} under account ${call.account}.`,
      );
    }
    const place = `consumers ${stream.arn}`;
    const start = token === undefined ? 0 : Number(parseNextToken(token, place, clock).after);
    const now = clock.now();
    const all = stream.consumers(now);
    const end = start + limit;
    return {
      Consumers: all.slice(start, end).map((consumer) => showConsumer({ stream, consumer }, now)),
      NextToken: end < all.length ? formatNextToken({ list: place, after: String(end), filter: '' }, clock) : undefined,
    };
  });
}
