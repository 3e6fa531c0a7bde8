// What unfinished WebSocket messages may cost together.

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { InboundBudget } from '../../../broker/protocols/transport/inbound-budget.ts';

function connection(budget: InboundBudget) {
  const socket = new PassThrough().resume();
  const webSocket = Object.assign(new EventEmitter(), { terminate: vi.fn() });
  budget.watch(socket, webSocket as never);
  return { webSocket, receive: (bytes: number) => socket.emit('data', Buffer.alloc(bytes)) };
}

it('ends the connection that goes beyond it, and counts no message that is whole, nor a connection that is gone', () => {
  const budget = new InboundBudget(100);
  const [one, other] = [connection(budget), connection(budget)];
  one.receive(60);
  other.receive(40);
  expect(other.webSocket.terminate).not.toHaveBeenCalled();
  other.webSocket.emit('message');
  other.receive(40);
  expect(other.webSocket.terminate).not.toHaveBeenCalled();
  other.receive(1);
  expect(other.webSocket.terminate).toHaveBeenCalledTimes(1);
  expect(one.webSocket.terminate).not.toHaveBeenCalled();
  other.webSocket.emit('close');
  one.receive(40);
  expect(one.webSocket.terminate).not.toHaveBeenCalled();
});
