"""What Qpid Proton sees of the broker: proton-client.py PORT SCENARIO. Prints one JSON value."""
import json
import sys
import time
import uuid
from proton import (Array, Data, Delivery, Described, Message, UNDESCRIBED, byte, char, decimal128, float32, int32,
                    short, symbol, timestamp, ubyte, uint, ulong, ushort)
from proton import ConnectionException
from proton.reactor import AtMostOnce, Copy, DurableSubscription, Selector
from proton.utils import BlockingConnection, LinkDetached

port, scenario = sys.argv[1:]
url = f"127.0.0.1:{port}"


def connect(**options):
    return BlockingConnection(url, timeout=10, **options)


def bodies():
    """Every type that Proton has, as bodies."""
    return [
        None, True, "text", "Grüße \U0001f600", b"\x00\xff", symbol("sym"), ubyte(255), byte(-1), ushort(65535),
        short(-2), uint(4294967295), int32(-3), ulong(2 ** 64 - 1), -2 ** 63, float32(1.5), 0.1, char("\U0001f600"),
        timestamp(1700000000123), uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"), decimal128(bytes(range(16))),
        [1, "two", None, [3.0]], {"a": 1, "b": {symbol("c"): [True]}}, {}, [],
        Array(UNDESCRIBED, Data.INT, 1, -1, 300), Described(symbol("example:point"), [1, 2]), "x" * 1_000_000,
    ]


def fields(message):
    names = ("durable", "priority", "ttl", "id", "user_id", "subject", "reply_to", "correlation_id", "content_type",
             "content_encoding", "expiry_time", "creation_time", "group_id", "group_sequence", "reply_to_group_id",
             "properties", "annotations", "body", "inferred")
    return {name: getattr(message, name) for name in names}


def types():
    """Bodies and properties come back with their types and values; returns which do not."""
    connection = connect()
    sender = connection.create_sender("queue://types")
    sent = [Message(body=body) for body in bodies()]
    sent.append(Message(
        body=b"data", inferred=True, durable=True, priority=7, ttl=60000, id=ulong(7), user_id=b"ann", subject="s",
        reply_to="queue://r", correlation_id=uuid.uuid4(), content_type="a/b", content_encoding="gzip",
        expiry_time=int(time.time()) + 60, creation_time=1.5e9, group_id="g", group_sequence=3, reply_to_group_id="h",
        annotations={symbol("x-opt-a"): [1, "b"]},
        properties={f"p{i}": body for i, body in enumerate(bodies()) if not isinstance(body, (list, dict, Array))}))
    for message in sent:
        sender.send(message)
    receiver = connection.create_receiver("queue://types", credit=len(sent))
    different = []
    for message in sent:
        got = fields(receiver.receive())
        want = fields(message)
        # What the time in the queue has taken of it.
        got["ttl"] = want["ttl"] if 0 < got["ttl"] <= want["ttl"] else got["ttl"]
        for name, value in want.items():
            if got[name] != value or type(got[name]) is not type(value):
                different.append([name, repr(value)[:80], repr(got[name])[:80]])
        receiver.accept()
    connection.close()
    return different


def outcomes():
    """Released, rejected and modified: what is delivered next, and what is in the dead-letter queue."""
    connection = connect()
    sender = connection.create_sender("orders")
    sender.send(Message(body="a", durable=True))
    receiver = connection.create_receiver("orders", credit=1)
    seen = []

    def receive(act):
        message = receiver.receive()
        seen.append([message.body, message.delivery_count, message.first_acquirer])
        act()

    receive(lambda: receiver.release(delivered=False))
    receive(lambda: receiver.release(delivered=True))
    receive(receiver.reject)
    dead = connection.create_receiver("ActiveMQ.DLQ", credit=1)
    seen.append(dead.receive().body)
    dead.accept()
    connection.close()
    return seen


def settled():
    """Sent and received settled, at most once."""
    connection = connect()
    sender = connection.create_sender("orders", options=AtMostOnce())
    sender.send(Message(body="once"))
    receiver = connection.create_receiver("orders", credit=1, options=AtMostOnce())
    body = receiver.receive().body
    connection.close()
    return body


def topic():
    """A topic with two subscriptions."""
    connection = connect()
    receivers = [connection.create_receiver("topic://prices.>", credit=1, name=name) for name in ("one", "two")]
    connection.create_sender("topic://prices.eur").send(Message(body=1.1))
    bodies = [receiver.receive().body for receiver in receivers]
    connection.close()
    return bodies


def refusals():
    """Conditions of what is not there."""
    conditions = {}

    def attempt(name, act):
        connection = connect()
        try:
            act(connection)
            conditions[name] = None
        except LinkDetached as error:
            conditions[name] = error.condition
        connection.close()

    attempt("selector", lambda c: c.create_receiver("orders", options=Selector("colour =")))
    attempt("wildcard", lambda c: c.create_sender("topic://a.*"))
    return conditions


def transactions():
    """Committed sends arrive and aborted ones do not; what was accepted in an aborted transaction comes again."""
    from proton.handlers import MessagingHandler, TransactionHandler
    from proton.reactor import Container

    seen = []

    class Client(MessagingHandler, TransactionHandler):
        def __init__(self):
            super().__init__(prefetch=0, auto_accept=False)
            self.steps = 0

        def on_start(self, event):
            self.container = event.container
            self.connection = event.container.connect(url, reconnect=False)
            self.sender = event.container.create_sender(self.connection, "orders")
            self.receiver = event.container.create_receiver(self.connection, "orders")
            self.container.declare_transaction(self.connection, handler=self)

        def on_transaction_declared(self, event):
            self.transaction = event.transaction
            self.steps += 1
            seen.append(f"declared {self.steps}")
            if self.steps == 1:
                self.transaction.send(self.sender, Message(body="aborted", durable=True))
                self.transaction.abort()
            elif self.steps == 2:
                for body in ("a", "b"):
                    self.transaction.send(self.sender, Message(body=body, durable=True))
                self.transaction.commit()
            else:
                self.receiver.flow(1 if self.steps == 3 else 2)

        def on_message(self, event):
            seen.append([event.message.body, event.message.delivery_count])
            self.transaction.accept(event.delivery)
            if self.steps == 3:
                self.transaction.abort()
            elif event.message.body == "b":
                self.transaction.commit()

        def on_transaction_aborted(self, event):
            seen.append("aborted")
            self.container.declare_transaction(self.connection, handler=self)

        def on_transaction_committed(self, event):
            seen.append("committed")
            if self.steps == 2:
                self.container.declare_transaction(self.connection, handler=self)
            else:
                self.connection.close()

    Container(Client()).run()
    return seen


def request():
    """A request with a reply to a temporary queue, which other connections may not receive from."""
    one, other = connect(), connect()
    replies = one.create_receiver(None, dynamic=True, credit=1)
    address = replies.link.remote_source.address
    other.create_sender(address).send(Message(body="reply"))
    body = replies.receive().body
    replies.accept()
    try:
        other.create_receiver(address)
        condition = None
    except LinkDetached as error:
        condition = error.condition
    one.close()
    other.close()
    return [address.split("://")[0], body, condition]


def durable():
    """A durable subscription gets what was sent while its receiver was away, until it is closed."""
    from proton.reactor import Container
    bodies = []

    def attach():
        container = Container()
        container.container_id = "till"
        connection = connect(container=container)
        receiver = connection.create_receiver("topic://prices", name="prices", options=DurableSubscription(), credit=1)
        return connection, receiver

    connection, receiver = attach()
    receiver.detach()
    connection.close()
    publisher = connect()
    sender = publisher.create_sender("topic://prices")
    sender.send(Message(body="kept", durable=True))
    connection, receiver = attach()
    bodies.append(receiver.receive().body)
    receiver.accept()
    receiver.close()
    connection.close()
    sender.send(Message(body="lost", durable=True))
    connection, receiver = attach()
    sender.send(Message(body="new", durable=True))
    bodies.append(receiver.receive().body)
    receiver.accept()
    receiver.close()
    connection.close()
    publisher.close()
    return bodies


def browse():
    """Browsed messages stay."""
    connection = connect()
    sender = connection.create_sender("orders")
    for body in ("a", "b"):
        sender.send(Message(body=body, durable=True))
    browser = connection.create_receiver("orders", credit=10, options=Copy(), name="browser")
    bodies = [browser.receive().body for _ in range(2)]
    receiver = connection.create_receiver("orders", credit=1)
    bodies.append(receiver.receive().body)
    receiver.accept()
    connection.close()
    return bodies


def plain():
    """Whether the right and a wrong password are let in."""
    results = []
    for password in ("secret", "wrong"):
        try:
            connect(user="ann", password=password, allowed_mechs="PLAIN", sasl_enabled=True).close()
            results.append(True)
        except ConnectionException:
            results.append(False)
    return results


print(json.dumps(globals()[scenario]()))
