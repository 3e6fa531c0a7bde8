// MQTT 3.1.1 by mqtt.js.

import { connect } from 'mqtt';
import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import { octets } from '../view.ts';
import type { View } from '../view.ts';
import { Inbox } from './inbox.ts';

export interface MqttMessage {
  readonly payload: string | Buffer;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
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

export function mqttViewOfSent(topic: string, { payload, qos = 0, retain = false }: MqttMessage): View {
  return mqttView({ topic, payload, qos, retain, dup: false });
}

function mqttView({
  topic,
  payload,
  qos,
  retain,
  dup,
}: Pick<IPublishPacket, 'topic' | 'payload' | 'qos' | 'retain' | 'dup'>): View {
  return {
    topic,
    QoS: String(qos),
    ...(retain ? { retain: '1' } : {}),
    ...(dup ? { DUP: '1' } : {}),
    body: octets(Buffer.from(payload)),
  };
}
