// Reading the headers of client frames: which of them a frame must have (STOMP 1.2, "Frames and Headers").

import { BrokerError } from '../../core/errors.ts';
import type { Frame } from './wire/frame.ts';

/** @throws BrokerError `invalid`. */
export function requireHeader({ command, headers }: Frame, name: string): string {
  const value = headers.get(name);
  if (value === undefined) throw new BrokerError('invalid', `${command} without the header "${name}"`);
  return value;
}
