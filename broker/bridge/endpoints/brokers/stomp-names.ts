// How brokers that speak STOMP name queues and topics, which the specification leaves to them.

/** As ActiveMQ and RabbitMQ have it; the latter writes the wildcard for all further levels as AMQP 0-9-1 does. */
export function stompDestination(kind: 'queue' | 'topic', name: string, server: string): string {
  const isRabbit = server.startsWith('RabbitMQ');
  return `/${kind}/${isRabbit && kind === 'topic' ? name.replace(/>$/, '#') : name}`;
}
