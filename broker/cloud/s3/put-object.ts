// PutObject: one object, in one request.

import { emptyAnswer } from './wire/answers.ts';
import type { ObjectOperation } from './asked.ts';
import { receive } from './body.ts';
import { expectWritten } from './conditions.ts';
import { keptHeaders, madeHeaders } from './kept-headers.ts';
import type { ObjectRecord } from './model/codec.ts';

export const putObject: ObjectOperation = {
  name: 'PutObject',
  async act(asked, { buckets, objects, files, clock }) {
    const { bucket, key } = asked;
    buckets.at(bucket);
    const headers = keptHeaders(asked);
    const expect = expectWritten(asked);
    const { given: _, ...received } = await receive(asked, files);
    const record: ObjectRecord = { ...received, at: clock.now(), headers, checksumType: 'FULL_OBJECT' };
    try {
      await objects.put(bucket, key, record, expect);
    } catch (error) {
      files.drop([received.file]);
      throw error;
    }
    return emptyAnswer(200, madeHeaders(record));
  },
};
