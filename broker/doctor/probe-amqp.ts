// AMQP 1.0 with rhea: to a temporary queue and back.

import type { Duplex } from 'node:stream';
import rhea from 'rhea';
import type { Connection, ConnectionOptions, EventContext, Receiver } from 'rhea';
import type { Probe, Visit } from './probe.ts';

export const probeAmqp: Probe = async (stream, login) => {
  const options: ConnectionOptions & { readonly connect: unknown } = {
    connect: (_port: number, _host: string, _options: unknown, ready: () => void): Duplex => {
      process.nextTick(ready);
      return stream;
    },
    host: 'localhost',
    port: 0,
    reconnect: false,
    // Without a password, this name asks for SASL ANONYMOUS.
    username: login?.user ?? 'anonymous',
    ...(login === undefined ? {} : { password: login.password }),
  };
  const connection = rhea.create_container().connect(options);
  await new Promise<void>((resolve, reject) => {
    const fail = ({ error }: EventContext): void => reject(asError(error, 'the connection was closed'));
    connection.once('connection_open', () => resolve());
    // Of what is not AMQP, which the client would else write to standard error.
    connection.once('protocol_error', reject);
    for (const event of ['connection_error', 'disconnected', 'error'] as const) connection.once(event, fail);
  });
  return { roundTrip: (body) => roundTrip(connection, body), close: () => close(connection) } satisfies Visit;
};

async function roundTrip(connection: Connection, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const receiver: Receiver = connection.open_receiver({ source: { dynamic: true, address: undefined! } });
    for (const event of ['receiver_error', 'sender_error', 'session_error', 'connection_error', 'disconnected']) {
      connection.once(event, (context: EventContext) => {
        const failed = context.receiver ?? context.sender ?? context.session ?? context.connection;
        reject(asError(failed.error ?? context.error, event.replace('_', ' ')));
      });
    }
    receiver.once('receiver_open', () => {
      // What a durable message needs: the store must take it.
      const sender = connection.open_sender({ target: { address: receiver.source.address } });
      sender.once('sendable', () => sender.send({ body, durable: true }));
      sender.once('rejected', ({ delivery }: EventContext) => reject(asError(delivery?.remote_state, 'rejected')));
    });
    receiver.once('message', ({ message }: EventContext) => resolve(String(message?.body)));
  });
}

async function close(connection: Connection): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    connection.once('connection_close', () => resolve());
    connection.once('disconnected', () => resolve());
  });
  connection.close();
  await closed;
}

/** AMQP's errors have a condition and a description, and are no Errors. */
function asError(thrown: unknown, otherwise: string): Error {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown !== 'object' || thrown === null) return new Error(otherwise);
  const condition = 'condition' in thrown ? thrown.condition : undefined;
  const description = 'description' in thrown ? thrown.description : undefined;
  const words = [condition, description].filter((word) => typeof word === 'string');
  return new Error(words.length === 0 ? otherwise : words.join(': '));
}
