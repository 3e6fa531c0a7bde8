// DeleteChannel: there is no channel to name.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { noSuchChannel } from './model/channels.ts';
import { channelArn } from './model/shapes.ts';

const input = structure({ ChannelARN: required(channelArn) });

export function deleteChannel(): Operation {
  return command('DeleteChannel', input, async ({ ChannelARN: arn }) => noSuchChannel(arn));
}
