// What users of ActiveMQ Classic would not expect: sentences of docs/compatibility.md, each with a test of its name in
// differences.test.ts.

/** On purpose. */
export const differences = {
  limit:
    'The broker counts failures, for all protocols: a message that its receivers have failed once and ' +
    '`deadLetter.maxRedeliveries` times more (6) is a dead letter. ActiveMQ leaves the limit to the clients.',
  connection:
    'A lost connection is not a failure. The message is delivered again, marked as redelivered (over AMQP by a delivery-count ' +
    'of 1, however often), and that does not count towards the limit.',
  nonPersistent:
    'A non-persistent message that is rejected is a dead letter too; ActiveMQ drops it. It is as non-persistent there ' +
    'as it was: a restart loses it. One that merely expires is dropped.',
  prefetch:
    'A STOMP subscription to a topic has a prefetch of 1,000, as to a queue; ActiveMQ has 32,767 there, which is that ' +
    'many messages in the socket of a client that may not take them.',
  stompErrors:
    'Every ERROR ends its STOMP connection, as STOMP 1.2 asks; ActiveMQ leaves it open after many. ERROR comes behind the ' +
    'answers to all frames before.',
  stompNames:
    'A STOMP destination that begins with a slash and with no prefix that is known, such as `/exchange/orders`, is refused; ' +
    'ActiveMQ makes it a queue of that name.',
  stompNack: 'NACK in STOMP’s mode `client` is for all messages before as well; ActiveMQ refuses the one.',
  stompClientId:
    'Several STOMP connections may have one `client-id`, and each durable subscription one connection at a time. ActiveMQ ' +
    'refuses the second connection.',
  stompUnsubscribe:
    'UNSUBSCRIBE with the name of a durable subscription ends that also while its own connection receives from it, as ' +
    'with Artemis; ActiveMQ wants an UNSUBSCRIBE without the name before.',
  advisories:
    'Advisories have bodies of JSON, and a filter that begins with a wildcard does not take them. In ActiveMQ they are ' +
    'commands of OpenWire, and `>` takes them.',
  sasl: 'AMQP without a SASL layer is accepted where anonymous clients are, which is on loopback unless told otherwise.',
} as const;

/** Not there. */
export const plainly = {
  amqp091: 'AMQP 0-9-1: its protocol header is answered with the one of AMQP 1.0, and the end of the connection.',
} as const;
