// MQTT 3.1.1 and 5 by mqtt.js.

import { connect } from 'mqtt';
import type { IClientOptions, IClientPublishOptions, IPublishPacket, MqttClient } from 'mqtt';
import { octets } from '../view.ts';
import type { View } from '../view.ts';
import { Inbox } from './inbox.ts';

export interface MqttMessage {
  readonly payload: string | Buffer;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  /** Of MQTT 5. */
  readonly properties?: NonNullable<IClientPublishOptions['properties']>;
}

export class MqttEnd implements AsyncDisposable {
  readonly client: MqttClient;
  readonly inbox = new Inbox<View>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (_topic, _payload, packet) => this.inbox.put(mqttView(packet)));
  }

  static async connect(port: number, options: IClientOptions = {}): Promise<MqttEnd> {
    const end = new MqttEnd(connect({ host: '127.0.0.1', port, reconnectPeriod: 0, ...options }));
    // What a session has kept comes right behind the answer: the inbox has to be there before.
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    end.client.once('connect', () => resolve());
    end.client.once('error', reject);
    await promise;
    return end;
  }

  /** Resolves once the engine has it, as far as its QoS lets anyone know. */
  async send(topic: string, { payload, ...options }: MqttMessage): Promise<void> {
    await this.client.publishAsync(topic, payload, options);
  }

  async receive(filter: string): Promise<void> {
    await this.client.subscribeAsync(filter, { qos: 2 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync();
  }
}

export function mqttViewOfSent(
  topic: string,
  { payload, qos = 0, retain = false, properties = {} }: MqttMessage,
): View {
  return mqttView({ topic, payload, qos, retain, dup: false, properties });
}

function mqttView({
  topic,
  payload,
  qos,
  retain,
  dup,
  properties,
}: Pick<IPublishPacket, 'topic' | 'payload' | 'qos' | 'retain' | 'dup' | 'properties'>): View {
  return {
    topic,
    QoS: String(qos),
    ...(retain ? { retain: '1' } : {}),
    ...(dup ? { DUP: '1' } : {}),
    ...propertiesView(properties ?? {}),
    body: octets(Buffer.from(payload)),
  };
}

function propertiesView(properties: NonNullable<IPublishPacket['properties']>): View {
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData, userProperties } =
    properties;
  const view: Record<string, string> = {};
  if (payloadFormatIndicator !== undefined) view['payload format'] = payloadFormatIndicator ? '1' : '0';
  if (messageExpiryInterval !== undefined) view['message expiry'] = String(messageExpiryInterval);
  if (contentType !== undefined) view['content type'] = contentType;
  if (responseTopic !== undefined) view['response topic'] = responseTopic;
  if (correlationData !== undefined) view['correlation data'] = octets(correlationData);
  for (const [name, value] of Object.entries(userProperties ?? {})) {
    view[`user property ${name}`] = [value]
      .flat()
      .map((one) => JSON.stringify(one))
      .join(', ');
  }
  return view;
}
