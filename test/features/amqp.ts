// AMQP 1.0. Mosquitto does not speak it.

import { no, none, row, there, unknown, yes } from './row.ts';
import type { Feature, Own } from './row.ts';

function amqp(what: string, activemq: string, rabbitmq: string, causeway: Own): Feature {
  return row(what, activemq, rabbitmq, none, causeway);
}

export const overAmqp10: readonly Feature[] = [
  amqp(
    'addresses',
    'queues, topics',
    'queues, exchanges',
    there('queues, topics', 'protocols/amqp/topics: the capability of a terminus says what a plain name is'),
  ),
  amqp(
    'a queue is made by its first link',
    'yes',
    'deprecated addresses only',
    yes('protocols/amqp/authorization: making is asked for where the queue is not there'),
  ),
  amqp(
    'connections without SASL',
    'if allowed',
    'no',
    there(
      'if anonymous clients are let in',
      'protocols/amqp/connection: 2.2 AMQP is answered with AMQP, where clients without a name are let in',
      'protocols/amqp/connection: 2.2 AMQP is answered with SASL, where they are not',
    ),
  ),
  amqp('SASL PLAIN', 'yes', 'yes', yes('protocols/amqp/connection: 5.3.2 PLAIN lets in who knows the password')),
  amqp(
    'SASL EXTERNAL, by certificate',
    'no',
    'plugin',
    yes('protocols/amqp/sasl: a client with a certificate that %s'),
  ),
  amqp(
    'SASL SCRAM-SHA-256',
    'no',
    'no',
    yes('protocols/amqp/sasl: lets in who proves to know the password, and proves itself with the outcome'),
  ),
  amqp(
    'link credit and drain',
    'yes',
    'yes',
    yes('protocols/amqp/queues: drain uses up the credit that no message takes'),
  ),
  amqp(
    'accepted, released, rejected, modified',
    'yes',
    'yes',
    yes('protocols/amqp/proton: releases, modifies and rejects'),
  ),
  amqp(
    'annotations given with `modified` are merged',
    'no',
    'in quorum queues',
    yes(
      'protocols/amqp/queues: annotations that come with modified are in the message at its next delivery, in the place of those of the same key',
    ),
  ),
  amqp('settled transfers, both ways', 'yes', 'yes', yes('protocols/amqp/proton: sends and receives settled')),
  amqp(
    'receiver settles second',
    'no',
    'no',
    yes('protocols/amqp/session: 2.6.12 in settle mode second, we settle when the sender has'),
  ),
  amqp('aborted transfers', unknown, 'no', yes('protocols/amqp/session: 2.7.5 an aborted delivery is forgotten')),
  amqp(
    'deliveries are resumed with their link',
    unknown,
    'no',
    no({
      tests: [
        'protocols/amqp/session: 2.6.13 a link that comes back with unsettled deliveries hears that none of them is known',
      ],
    }),
  ),
  amqp(
    'anonymous terminus',
    'yes',
    'from 4.0',
    yes('protocols/amqp/links: is offered, and sends each message to where it says'),
  ),
  amqp(
    'dynamic nodes',
    'yes',
    'from 4.1',
    yes('protocols/amqp/sources: 3.5.3 is made for a source, and gone with its link'),
  ),
  amqp(
    'durable subscriptions, by container and link',
    'yes',
    'no',
    yes('protocols/amqp/subscriptions: goes on collecting while its link is detached, and ends when that is closed'),
  ),
  amqp(
    'shared subscriptions, as JMS 2.0 has them',
    'no',
    'no',
    yes('protocols/amqp/subscriptions: that is %s gives each message to one of its receivers'),
  ),
  amqp(
    'one connection a container, if it asks',
    unknown,
    unknown,
    yes('protocols/amqp/subscriptions: gets no second one, and is told which field is at fault'),
  ),
  amqp('selectors', 'yes', 'of streams', yes('protocols/amqp/selectors: gets what it selects from %s')),
  amqp(
    'no-local',
    'yes',
    'no',
    yes('protocols/amqp/topics: a subscription that is no-local does not get what its own connection sent'),
  ),
  amqp(
    'browsing: distribution mode `copy`',
    'yes',
    'no',
    yes('protocols/amqp/sources: 3.5.3 distribution-mode copy shows messages, and leaves them'),
  ),
  amqp('browsing several queues at once', unknown, 'no', no({ absence: 'browsing several queues at once' })),
  amqp(
    'options behind a question mark of the address',
    'yes',
    'no',
    yes('protocols/amqp/sources: consumer.exclusive keeps the others waiting'),
  ),
  amqp(
    'transactions',
    'yes',
    'no',
    yes('protocols/amqp/transactions: are together with messages that are sent in it, or not at all'),
  ),
  amqp(
    'messages acquired within a transaction',
    'no',
    'no',
    yes('protocols/amqp/acquisition: 4.4.4.3 goes back when that is rolled back, and its delivery is settled'),
  ),
  amqp(
    'a message is delivered byte for byte',
    'if configured',
    'from 4.0',
    yes('protocols/amqp/message/mapping: an AMQP message byte for byte, but for header and delivery annotations'),
  ),
  amqp(
    '`x-opt-delivery-delay` and `x-opt-delivery-time`',
    'yes',
    unknown,
    yes('protocols/amqp/message/mapping: %s delays the delivery'),
  ),
];
