// The listeners as the console shows them: where they are, and whether clients must say who they are.

import { allowsAnonymous } from './config.ts';
import type { Config } from './config.ts';
import type { ListenerConfig } from './config-listeners.ts';
import type { Overview } from './control/api.ts';
import type { ListenAddress } from './protocols/listener.ts';

/** `open`: those that listen, by name. */
export function shownListeners(config: Config, open: Readonly<Record<string, ListenAddress>>): Overview['listeners'] {
  const shown = Object.entries(open).map(
    ([name, address]) => [name, { ...address, anonymous: isAnonymous(config, name) }] as const,
  );
  return Object.fromEntries(shown);
}

function isAnonymous({ listeners, access, cloud }: Config, name: string): boolean {
  // The console has its token; requests to the AWS endpoint are signed, with any key while there are none.
  if (name === 'console') return false;
  if (name === 'cloud') return cloud.credentials.length === 0;
  const settings: Readonly<Record<string, ListenerConfig | false>> = { ...listeners };
  const configured = settings[name] ?? false;
  return configured !== false && allowsAnonymous(configured, access.users !== undefined);
}
