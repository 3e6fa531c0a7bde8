// A link on which the peer sends (part 3, section 3.5.4): to an address, to a node that it is given, to the anonymous
// terminus, or to the transaction coordinator (part 4, section 4.5.1).

import {
  addressOf,
  addressText,
  authorizeSending,
  grantedCapabilities,
  kindAsked,
  targetDestinations,
} from './address.ts';
import type { Composite, Target } from './codec/composite.ts';
import { refusal } from './conditions.ts';
import { Coordinator, coordinatorCapabilities } from './coordinator.ts';
import { createNode, nodeProperties } from './dynamic-node.ts';
import { IncomingLink, type Inlet } from './incoming-link.ts';
import { Producer } from './producer.ts';
import type { Session } from './session.ts';

/** Ours do not outlive their link. */
const notDurable = { durable: 0, expiryPolicy: 'link-detach', timeout: 0 } as const;

interface Opened {
  readonly inlet: Inlet;
  readonly target: Target | Composite<'coordinator'>;
}

/** @throws as `openLink`. */
export function openTarget(session: Session, attach: Composite<'attach'>): IncomingLink {
  const { target, initialDeliveryCount } = attach;
  if (initialDeliveryCount === undefined) {
    throw refusal('amqp:invalid-field', 'initial-delivery-count is mandatory for a sender', 'initial-delivery-count');
  }
  if (target === undefined) throw refusal('amqp:invalid-field', 'attach without a target', 'target');
  const opened =
    target.kind === 'coordinator' ? openCoordinator(session, target, attach.handle) : openProducer(session, target);
  const offered = attach.desiredCapabilities?.filter((capability) => capability === 'DELAYED_DELIVERY');
  return new IncomingLink(session, attach, {
    inlet: opened.inlet,
    reply: {
      name: attach.name,
      handle: attach.handle,
      role: true,
      sndSettleMode: attach.sndSettleMode,
      rcvSettleMode: attach.rcvSettleMode,
      source: attach.source,
      target: opened.target,
      maxMessageSize: BigInt(session.connection.context.limits.maxMessageBytes),
      offeredCapabilities: offered?.length === 0 ? undefined : offered,
    },
  });
}

function openCoordinator(session: Session, { capabilities: asked }: Composite<'coordinator'>, handle: number): Opened {
  // The controller sees which of those that it asks for are there (4.5.1).
  const granted = coordinatorCapabilities.filter((capability) => asked?.includes(capability));
  const capabilities = asked === undefined || asked.length === 0 ? coordinatorCapabilities : granted;
  return { inlet: new Coordinator(session, handle), target: { kind: 'coordinator', capabilities } };
}

function openProducer({ connection }: Session, target: Target): Opened {
  if (target.dynamic) return openDynamic(connection, target);
  const address = addressText(target.address);
  if (address === undefined || address === '') {
    return { inlet: new Producer(connection, { to: undefined }), target: { ...target, ...notDurable } };
  }
  const to = targetDestinations(address, target.capabilities);
  authorizeSending(connection, to);
  const capabilities = grantedCapabilities(to, target.capabilities);
  return { inlet: new Producer(connection, { to }), target: { ...target, ...notDurable, capabilities } };
}

function openDynamic(connection: Session['connection'], target: Target): Opened {
  if (target.address !== undefined) {
    throw refusal('amqp:invalid-field', 'a dynamic target with an address', 'address');
  }
  const node = createNode(connection, target.dynamicNodeProperties, kindAsked(target.capabilities));
  const to = [node.destination];
  return {
    inlet: new Producer(connection, { to, onEnd: () => node.delete() }),
    target: {
      ...target,
      ...notDurable,
      address: addressOf(to),
      dynamicNodeProperties: nodeProperties,
      capabilities: grantedCapabilities(to, target.capabilities),
    },
  };
}
