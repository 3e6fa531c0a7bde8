// AddTagsToStream: adds tags, or replaces their values.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { streamMembers, tagMap } from './model/shapes.ts';
import { withTags } from './model/tags.ts';

const input = structure({ Tags: required(tagMap), ...streamMembers });

export function addTagsToStream({ streams }: Kinesis): Operation {
  return command('AddTagsToStream', input, async ({ Tags: added, ...names }, call) => {
    const stream = streams.named(names, call);
    const owner = `stream ${stream.name} under account ${call.account}`;
    await stream.change({ tags: withTags(stream.settings.tags, added, owner) });
  });
}
