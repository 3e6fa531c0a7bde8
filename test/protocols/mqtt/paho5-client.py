"""Plays one scenario of MQTT 5 with Debian's python3-paho-mqtt and prints what happened, as one line of JSON."""

import json
import queue
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

port = int(sys.argv[1])
timeout = 15


def properties(packet, **values):
    result = Properties(packet)
    for name, value in values.items():
        setattr(result, name, value)
    return result


class Client:
    def __init__(self, client_id, clean=True, expiry=0, will=None):
        self.connected = queue.Queue()
        self.subscribed = queue.Queue()
        self.unsubscribed = queue.Queue()
        self.messages = queue.Queue()
        self.disconnected = queue.Queue()
        self.client = mqtt.Client(client_id=client_id, protocol=mqtt.MQTTv5)
        self.client.on_connect = lambda c, u, flags, rc, p: self.connected.put((flags["session present"], rc.value, p))
        self.client.on_subscribe = lambda c, u, mid, codes, p: self.subscribed.put([code.value for code in codes])
        self.client.on_unsubscribe = lambda c, u, mid, p, codes: self.unsubscribed.put(True)
        self.client.on_message = lambda c, u, m: self.messages.put(m)
        self.client.on_disconnect = lambda c, u, rc, p: self.disconnected.put(getattr(rc, "value", rc))
        if will:
            topic, payload, qos, delay = will
            self.client.will_set(
                topic, payload, qos, False, properties(PacketTypes.WILLMESSAGE, WillDelayInterval=delay)
            )
        self.client.connect(
            "127.0.0.1",
            port,
            clean_start=clean,
            properties=properties(PacketTypes.CONNECT, SessionExpiryInterval=expiry, TopicAliasMaximum=0),
        )
        self.client.loop_start()
        self.session = self.connected.get(timeout=timeout)

    def subscribe(self, topic, identifier=None, **options):
        given = None if identifier is None else properties(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=identifier)
        self.client.subscribe(topic, options=SubscribeOptions(**options), properties=given)
        return self.subscribed.get(timeout=timeout)

    def publish(self, topic, payload, qos=1, retain=False, **values):
        given = properties(PacketTypes.PUBLISH, **values) if values else None
        self.client.publish(topic, payload, qos, retain, given).wait_for_publish(timeout)

    def get(self, count):
        return [self.messages.get(timeout=timeout) for _ in range(count)]

    def disconnect(self):
        self.client.disconnect()
        self.client.loop_stop()


def text(message):
    return message.payload.decode()


result = {}
nameless = Client("")
result["assigned"] = nameless.session[2].AssignedClientIdentifier.startswith("causeway-")
nameless.disconnect()

subscriber = Client("subscriber", clean=False, expiry=100)
result["session"] = subscriber.session[:2]
result["granted"] = [
    subscriber.subscribe("a/+", 1, qos=2),
    subscriber.subscribe("a/#", 2, qos=1),
    subscriber.subscribe("$share/g/job", qos=1),
]
publisher = Client("publisher")
publisher.publish(
    "a/x",
    "hello",
    2,
    ContentType="text/plain",
    ResponseTopic="answers",
    CorrelationData=b"\x00\xff",
    PayloadFormatIndicator=1,
    MessageExpiryInterval=60,
    UserProperty=[("k", "1"), ("j", "2"), ("k", "3")],
)
[message] = subscriber.get(1)
result["message"] = [message.topic, text(message), message.qos, message.retain]
got = message.properties
result["properties"] = [
    got.ContentType,
    got.ResponseTopic,
    got.CorrelationData.hex(),
    got.PayloadFormatIndicator,
    got.MessageExpiryInterval,
    got.UserProperty,
    sorted(got.SubscriptionIdentifier),
]
publisher.publish("job", "1")
result["shared"] = [text(message) for message in subscriber.get(1)]
result["local"] = publisher.subscribe("own", qos=1, noLocal=True)
publisher.publish("own", "x")
publisher.publish("kept", "retained", 1, True)
result["handled"] = [publisher.subscribe("kept", qos=1, retainHandling=2), publisher.subscribe("kept", qos=1)]
result["retained"] = [[text(message), message.retain] for message in publisher.get(1)]

subscriber.disconnect()
for number in range(100):
    publisher.publish("a/x", str(number), 1 + number % 2)
again = Client("subscriber", clean=False, expiry=100)
result["present"] = again.session[:2]
result["offline"] = sorted(int(text(message)) for message in again.get(100)) == list(range(100))

dying = Client("dying", expiry=100, will=("a/will", "gone", 1, 1))
dying.client._sock_close()
dying.client.loop_stop()
result["will"] = [text(message) for message in again.get(1)]
taken = Client("publisher")
result["taken"] = publisher.disconnected.get(timeout=timeout)
publisher.client.loop_stop()
taken.disconnect()
again.disconnect()
print(json.dumps(result))
