// One destination by the names that each dialect has for it: the first table of docs/compatibility.md.

export interface Names {
  readonly what: string;
  /** The first is also what a route calls it. */
  readonly amqp: readonly [string, ...string[]];
  /** Absent: it cannot be reached. */
  readonly mqtt?: string;
  readonly stomp: string;
  /** The filter matches this name, in MQTT's form. */
  readonly matches?: string;
}

export const destinations: readonly Names[] = [
  { what: 'a queue', amqp: ['queue://orders', 'orders'], stomp: '/queue/orders' },
  { what: 'a topic', amqp: ['topic://shop.orders'], mqtt: 'shop/orders', stomp: '/topic/shop.orders' },
  {
    what: 'a dot, or a slash, within a level',
    amqp: ['topic://shop.line/1'],
    mqtt: 'shop/line.1',
    stomp: '/topic/shop.line/1',
  },
  {
    what: 'any one level',
    amqp: ['topic://shop.*.paid'],
    mqtt: 'shop/+/paid',
    stomp: '/topic/shop.*.paid',
    matches: 'shop/orders/paid',
  },
  {
    what: 'any further levels, or none',
    amqp: ['topic://shop.paid.>'],
    mqtt: 'shop/paid/#',
    stomp: '/topic/shop.paid.>',
    matches: 'shop/paid',
  },
];
