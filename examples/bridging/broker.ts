// Where the clients of these examples look for the broker: on this machine, at the usual ports, unless the environment says
// otherwise.

const { BROKER_HOST = '127.0.0.1', STOMP_PORT = '61613', MQTT_PORT = '1883', AMQP_PORT = '5672' } = process.env;

export const broker = {
  host: BROKER_HOST,
  ports: { stomp: Number(STOMP_PORT), mqtt: Number(MQTT_PORT), amqp: Number(AMQP_PORT) },
} as const;
