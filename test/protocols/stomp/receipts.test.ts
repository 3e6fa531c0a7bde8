// A receipt on each frame that may ask for one (STOMP 1.2, "Header receipt", "RECEIPT"), in order.

import { expect, it } from 'vitest';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

it('sends the RECEIPT of a SEND, and of a COMMIT, before the MESSAGE to the client itself', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:1\ndestination:/queue/a\n\n\0');
  for (const persistent of [true, false]) {
    const send = `SEND\ndestination:/queue/a\npersistent:${persistent}\n`;
    client.send(`${send}receipt:sent\n\none\0`);
    expect((await client.frames(2)).map(({ command }) => command)).toEqual(['RECEIPT', 'MESSAGE']);
    client.send(`BEGIN\ntransaction:t\n\n\0${send}transaction:t\n\ntwo\0COMMIT\ntransaction:t\nreceipt:done\n\n\0`);
    expect((await client.frames(2)).map(({ command }) => command)).toEqual(['RECEIPT', 'MESSAGE']);
  }
});

it.each(['1.0', '1.1', '1.2'])('answers a receipt on every client frame, in version %s', async (version) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, version, 'client-id:c\n');
  const asked: string[] = [];
  const receipts: (string | undefined)[] = [];
  const ask = (frame: string, body = ''): void => {
    const receipt = `r ${asked.length} ${frame.slice(0, frame.indexOf('\n'))}`;
    asked.push(receipt);
    client.send(`${frame}receipt:${receipt}\n\n${body}\0`);
  };
  ask('SUBSCRIBE\nid:1\ndestination:/queue/a\nack:client-individual\n');
  ask('SUBSCRIBE\nid:2\ndestination:/topic/a\nactivemq.subscriptionName:s\n');
  ask('BEGIN\ntransaction:t\n');
  ask('SEND\ndestination:/queue/a\n', 'one');
  ask('SEND\ndestination:/queue/a\ntransaction:t\n', 'two');
  ask('COMMIT\ntransaction:t\n');
  ask('BEGIN\ntransaction:u\n');
  ask('ABORT\ntransaction:u\n');
  const messages = [];
  while (messages.length < 2) {
    const frame = await client.frame();
    if (frame.command === 'MESSAGE') messages.push(frame);
    else receipts.push(frame.headers.get('receipt-id'));
  }
  for (const [command, { headers }] of [['ACK', messages[0]!] as const, ['NACK', messages[1]!] as const]) {
    const by = version === '1.2' ? `id:${headers.get('ack')}\n` : `message-id:${headers.get('message-id')}\n`;
    if (command === 'ACK' || version !== '1.0') ask(`${command}\n${by}${version === '1.1' ? 'subscription:1\n' : ''}`);
  }
  ask('UNSUBSCRIBE\nid:1\n');
  ask('UNSUBSCRIBE\nid:2\nactivemq.subscriptionName:s\n');
  ask('DISCONNECT\n');
  while (receipts.length < asked.length) receipts.push((await client.frame()).headers.get('receipt-id'));
  expect(receipts).toEqual(asked);
  await client.closed;
  expect(client.pending).toEqual([]);
});
