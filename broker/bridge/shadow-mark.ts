// By what a shadow knows its messages on the other side: a key beside the names of the routes that they crossed, which goes
// wherever these go, out of sight of receivers.

import type { Message } from '../core/message.ts';
import { extended } from './route-path.ts';

export function marked(message: Message, route: string, key: string): Message {
  return { ...message, path: extended(message.path, `#${route}/${key}`) };
}

/** The key that the route gave the message; undefined: it did not come from there. */
export function markOf({ path }: Message, route: string): string | undefined {
  const prefix = `#${route}/`;
  return path
    ?.split(',')
    .findLast((step) => step.startsWith(prefix))
    ?.slice(prefix.length);
}
