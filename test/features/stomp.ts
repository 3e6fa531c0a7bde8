// STOMP 1.0, 1.1 and 1.2. Mosquitto does not speak it.

import { none, row, there, unknown, yes } from './row.ts';
import type { Feature, Own } from './row.ts';

function stomp(what: string, activemq: string, rabbitmq: string, causeway: Own): Feature {
  return row(what, activemq, rabbitmq, none, causeway);
}

export const overStomp: readonly Feature[] = [
  stomp(
    'the highest version in common',
    'yes',
    'yes',
    yes('protocols/stomp/connect: answers %j with the highest version in common, %s'),
  ),
  stomp(
    'heart-beats',
    'yes',
    'yes',
    yes('protocols/stomp/heart-beat: sends a line feed when there is nothing else, well within each period'),
  ),
  stomp(
    'RECEIPT once a persistent message is stored',
    'yes',
    'yes',
    yes('protocols/stomp/send: gives a RECEIPT for a persistent message only once it is stored'),
  ),
  stomp(
    '`auto`, `client` and `client-individual`',
    'yes',
    'yes',
    yes(
      'protocols/stomp/subscribe: takes a message for consumed once it is sent',
      'protocols/stomp/subscribe: is cumulative in mode client',
      'protocols/stomp/subscribe: is for one message in mode client-individual',
    ),
  ),
  stomp(
    'NACK',
    'dead letter',
    'again, or dead letter',
    there(
      'dead letter',
      'protocols/stomp/subscribe: sends a message to the dead-letter queue, with its reason and origin',
    ),
  ),
  stomp(
    'transactions',
    'yes',
    'yes',
    yes('protocols/stomp/transaction: moves on: sends and acknowledgements of one COMMIT'),
  ),
  stomp(
    'prefetch',
    '`activemq.prefetchSize`',
    '`prefetch-count`',
    there(
      '`activemq.prefetchSize`',
      'protocols/stomp/subscribe: sends no more unacknowledged messages than the window',
    ),
  ),
  stomp(
    'wildcards in topics',
    'yes',
    'yes',
    yes('protocols/stomp/subscribe: gives a subscription to %s what is sent to %j'),
  ),
  stomp(
    'wildcards in queues',
    'yes',
    'no',
    yes('protocols/stomp/destinations: receives from the queues within %s, those that come later too'),
  ),
  stomp(
    'lists of destinations',
    'yes',
    'no',
    yes('protocols/stomp/destinations: sends to every destination of a list, and tells each receiver its own'),
  ),
  stomp(
    'temporary destinations',
    'queues, topics',
    'queues, in `reply-to`',
    there('queues, topics', 'protocols/stomp/temporary: brings the answer to a request, in version %s'),
  ),
  stomp(
    'durable subscriptions',
    'yes',
    'yes',
    yes('protocols/stomp/durable: keeps what is sent while its client is away, in version %s'),
  ),
  stomp('selectors', 'yes', 'no', yes('protocols/stomp/stompjs: @stomp/stompjs gets what it selects from %s')),
  stomp(
    '`activemq.noLocal`',
    'yes',
    'no',
    yes('protocols/stomp/subscribe: keeps from a subscription with noLocal what its own connection sends'),
  ),
  stomp(
    '`activemq.exclusive`',
    'yes',
    'no',
    yes('protocols/stomp/destinations: gives everything to an exclusive consumer, and to the next when it goes'),
  ),
  stomp(
    'consumer priority',
    '`activemq.priority`',
    '`x-priority`',
    there('`activemq.priority`', 'protocols/stomp/destinations: serves consumers of a higher priority first'),
  ),
  stomp(
    '`activemq.retroactive`',
    'yes',
    'no',
    yes('protocols/stomp/broker-semantics: gives a retroactive consumer what the topic keeps, and no other one'),
  ),
  stomp(
    '`activemq.maximumPendingMessageLimit`',
    'yes',
    'no',
    yes('protocols/stomp/subscribe: keeps no more for a slow subscription than its limit says, and drops the oldest'),
  ),
  stomp(
    'browsing',
    'yes',
    'no',
    yes('protocols/stomp/browser: shows what is there, in order, and its end, and takes nothing, in version %s'),
  ),
  stomp(
    '`AMQ_SCHEDULED_DELAY`, `_PERIOD`, `_REPEAT`, `_CRON`',
    'yes',
    'no',
    yes(
      'protocols/stomp/send: delivers a delayed message when it is due',
      'protocols/stomp/send: delivers a message again and again, as it asks',
      'protocols/stomp/send: delivers a message when its cron expression says',
    ),
  ),
  stomp(
    '`transformation` of maps',
    'yes',
    'no',
    yes(
      'protocols/stomp/transformation: is a typed value, from %s',
      'protocols/stomp/transformation: is written as %s asks',
    ),
  ),
  stomp('`expires`', 'yes', '`expiration`', yes('protocols/stomp/send: does not deliver what has expired')),
  stomp(
    'every ERROR ends its connection',
    'no',
    unknown,
    yes(
      'protocols/stomp/ending: says in ERROR which frame it is about, without secrets and without its body',
      'interop/differences: %s: %s',
    ),
  ),
];
