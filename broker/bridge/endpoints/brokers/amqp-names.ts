// How brokers name queues and topics in AMQP 1.0, which leaves it to them. Most take the plain name, with a capability of the
// terminus for its kind; RabbitMQ has paths, other ones from version 4 on.

/** `product`: as the broker calls itself in its `open`. */
export function amqpAddress(
  kind: 'queue' | 'topic',
  name: string,
  product: { readonly name: string; readonly version: string },
): string {
  if (product.name !== 'RabbitMQ') return name;
  const isOld = Number.parseInt(product.version, 10) < 4;
  const key = name.replace(/>$/, '#');
  if (kind === 'queue') return isOld ? `/queue/${name}` : `/queues/${encodeURIComponent(name)}`;
  return isOld ? `/topic/${key}` : `/exchanges/amq.topic/${encodeURIComponent(key)}`;
}
