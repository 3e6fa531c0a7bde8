// The user-id of a message (part 3, section 3.2.4): "The client sets this value, and it MAY be authenticated by intermediaries."
// Where the broker is to answer for it, one that is missing is filled in, and one that is another's is refused.

import { BrokerError } from '../../../core/errors.ts';
import { writeComposite } from '../codec/composite.ts';
import { Writer } from '../codec/writer.ts';
import { propertiesPlace, Sections } from './sections.ts';

/** @throws BrokerError `unauthorized`. */
export function identified(sections: Sections, user: string): Sections {
  const { bytes, properties } = sections;
  const userId = Buffer.from(user, 'utf8');
  const given = properties?.userId;
  if (given?.equals(userId) === true) return sections;
  if (given !== undefined) {
    throw new BrokerError('unauthorized', `user "${user}" may not send as "${given.toString('utf8')}"`);
  }
  const [start, end] = propertiesPlace(bytes);
  const writer = new Writer(bytes.length + 64 + userId.length);
  writer.raw(bytes.subarray(0, start));
  writeComposite(writer, 'properties', { ...properties, userId });
  writer.raw(bytes.subarray(end));
  return new Sections(writer.copy());
}
