// RemoveTagsFromStream: removes tags; those that are not there do not matter.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { streamMembers, tagKeys } from './model/shapes.ts';
import { withoutTags } from './model/tags.ts';

const input = structure({ TagKeys: required(tagKeys), ...streamMembers });

export function removeTagsFromStream({ streams }: Kinesis): Operation {
  return command('RemoveTagsFromStream', input, async ({ TagKeys: removed, ...names }, call) => {
    const stream = streams.named(names, call);
    const owner = `stream ${stream.name} under account ${call.account}`;
    await stream.change({ tags: withoutTags(stream.settings.tags, removed, owner) });
  });
}
