"""Plays one scenario with Debian's python3-paho-mqtt and prints what happened, as one line of JSON."""

import json
import queue
import sys

import paho.mqtt.client as mqtt

port, protocol = int(sys.argv[1]), {"3.1": mqtt.MQTTv31, "3.1.1": mqtt.MQTTv311}[sys.argv[2]]
timeout = 15


def make(client_id, clean_session):
    try:
        return mqtt.Client(client_id=client_id, clean_session=clean_session, protocol=protocol)
    except ValueError:
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, client_id, clean_session, protocol=protocol)


class Client:
    def __init__(self, client_id, clean_session=True, will=None):
        self.connected = queue.Queue()
        self.subscribed = queue.Queue()
        self.unsubscribed = queue.Queue()
        self.messages = queue.Queue()
        self.client = make(client_id, clean_session)
        self.client.on_connect = lambda c, u, flags, rc: self.connected.put((flags["session present"], rc))
        self.client.on_subscribe = lambda c, u, mid, granted: self.subscribed.put(list(granted))
        self.client.on_unsubscribe = lambda c, u, mid: self.unsubscribed.put(True)
        self.client.on_message = lambda c, u, m: self.messages.put([m.topic, m.payload.decode(), m.qos, m.retain])
        if will:
            self.client.will_set(*will)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.session = self.connected.get(timeout=timeout)

    def subscribe(self, *filters):
        self.client.subscribe(list(filters))
        return self.subscribed.get(timeout=timeout)

    def publish(self, topic, payload, qos, retain=False):
        self.client.publish(topic, payload, qos, retain).wait_for_publish(timeout)

    def get(self, count):
        return [self.messages.get(timeout=timeout) for _ in range(count)]

    def disconnect(self):
        self.client.disconnect()
        self.client.loop_stop()


result = {}
subscriber = Client("subscriber", clean_session=False)
result["session"] = subscriber.session
result["granted"] = subscriber.subscribe(("a/+", 2), ("b", 1), ("c", 0))
publisher = Client("publisher")
for qos in (0, 1, 2):
    publisher.publish("a/x", "a%d" % qos, qos)
    publisher.publish("b", "b%d" % qos, qos)
    publisher.publish("c", "c%d" % qos, qos)
result["received"] = sorted(subscriber.get(9))
subscriber.client.unsubscribe("c")
subscriber.unsubscribed.get(timeout=timeout)
subscriber.disconnect()

for number in range(200):
    publisher.publish("a/x", str(number), 1 + number % 2)
publisher.publish("r/1", "retained", 1, True)
again = Client("subscriber", clean_session=False)
result["present"] = again.session
offline = again.get(200)
result["once"] = sorted({int(payload) for _, payload, _, _ in offline}) == list(range(200))
for qos in (1, 2):
    numbers = [int(payload) for _, payload, got, _ in offline if got == qos]
    result["ordered%d" % qos] = numbers == sorted(numbers)

again.subscribe(("r/#", 2), ("will", 1))
result["retained"] = again.get(1)
dying = Client("dying", will=("will", "gone", 1, False))
dying.client._sock_close()
dying.client.loop_stop()
result["will"] = again.get(1)
again.disconnect()
publisher.disconnect()
print(json.dumps(result))
