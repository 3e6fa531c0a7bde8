// What a route is called in the paths of messages: the same through all restarts, and another when the route was out of the
// configuration or leads elsewhere by now. So what it once sent may come back to be sent anew, if people have turned the way round.

import { randomBytes } from 'node:crypto';
import type { Broker } from '../core/broker.ts';
import type { Store } from '../core/store.ts';

const type = 'route-step';
/** Of its base64: with the name before it, enough to be the only one. */
const idBytes = 6;

interface Way {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export const routeSteps = {
  async of(broker: Broker, { name, from, to }: Way): Promise<string> {
    const { store } = broker;
    const kept = (await store.readRecord(type, name))?.toString();
    const way = JSON.stringify([from, to]);
    // The identifier has no blank.
    const [id = '', keptWay] = kept === undefined ? [] : splitOnce(kept, ' ');
    if (keptWay === way) return stepOf(name, id);
    const fresh = randomBytes(idBytes).toString('base64url');
    // In the store before anything that crosses: changes are in it in the order in which they were given.
    const written = store.write([{ kind: 'record', type, key: name, value: Buffer.from(`${fresh} ${way}`) }]);
    broker.background(written, 'remember what a route is called in the paths of messages');
    return stepOf(name, fresh);
  },

  /** Of all routes but these. @throws BrokerError as Store.write does. */
  async forgetOthers(store: Store, names: ReadonlySet<string>): Promise<void> {
    const gone = (await store.readRecords(type)).filter(({ key }) => !names.has(key));
    if (gone.length > 0) await store.write(gone.map(({ key }) => ({ kind: 'record', type, key, value: undefined })));
  },
};

/** No name has an @. */
function stepOf(name: string, id: string): string {
  return `${name}@${id}`;
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + 1)];
}
