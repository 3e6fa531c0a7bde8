"""Plays one scenario with Debian's python3-stomp and prints what happened, as one line of JSON."""

import json
import queue
import sys

import stomp

port, version = int(sys.argv[1]), sys.argv[2]
connection_class = {"1.0": stomp.StompConnection10, "1.1": stomp.StompConnection11, "1.2": stomp.StompConnection12}[version]


class Listener(stomp.ConnectionListener):
    def __init__(self):
        self.messages = queue.Queue()
        self.receipts = queue.Queue()
        self.errors = queue.Queue()
        self.disconnections = queue.Queue()

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_error(self, frame):
        self.errors.put(frame.headers["message"])

    def on_disconnected(self):
        self.disconnections.put(True)


def connect(**options):
    connection = connection_class([("127.0.0.1", port)], reconnect_attempts_max=1, **options)
    listener = Listener()
    connection.set_listener("", listener)
    connection.connect("ann", "secret", wait=True)
    return connection, listener


def acknowledge(connection, frame, negative=False):
    act = connection.nack if negative else connection.ack
    if version == "1.2":
        act(frame.headers["ack"])
    elif version == "1.1":
        act(frame.headers["message-id"], frame.headers["subscription"])
    else:
        act(frame.headers["message-id"])


heart_beats = {} if version == "1.0" else {"heartbeats": (2000, 2000)}
connection, listener = connect(**heart_beats)
result = {}

for number in range(3):
    connection.send("/queue/py", f"text {number} \u20ac", headers={"persistent": "true", "n": "a:b"}, receipt=f"r{number}")
result["receipts"] = [listener.receipts.get(timeout=10) for _ in range(3)]

connection.subscribe("/queue/py", "s1", ack="client-individual")
frames = [listener.messages.get(timeout=10) for _ in range(3)]
result["bodies"] = [frame.body for frame in frames]
result["header"] = frames[0].headers["n"]
acknowledge(connection, frames[0])
acknowledge(connection, frames[1], negative=version != "1.0")

connection.begin("t1")
connection.send("/queue/other", "in t1", transaction="t1")
connection.abort("t1")
connection.begin("t2")
connection.send("/queue/other", "in t2", transaction="t2")
connection.commit("t2")
connection.subscribe("/queue/other", "s2")
result["transacted"] = listener.messages.get(timeout=10).body

connection.subscribe("/topic/news.>", "s3")
connection.send("/topic/news.local.today", "news", content_type="text/plain")
frame = listener.messages.get(timeout=10)
result["topic"] = [frame.body, frame.headers["destination"]]

connection.subscribe("/temp-queue/answers", "s4")
connection.send("/queue/requests", "?", headers={"reply-to": "/temp-queue/answers"})
responder, requests = connect()
responder.subscribe("/queue/requests", "s1")
request = requests.messages.get(timeout=10)
responder.send(request.headers["reply-to"], "!")
frame = listener.messages.get(timeout=10)
result["answer"] = [request.headers["reply-to"].startswith("/remote-temp-queue/ID:"), frame.body, frame.headers["destination"]]
if version != "1.0":
    responder.send("/queue/py-browsed", "browsed")
    responder.subscribe("/queue/py-browsed", "b", headers={"browser": "true", "selector": "n IS NULL"})
    result["browsed"] = [requests.messages.get(timeout=10).headers.get("browser", "a message") for _ in range(2)]
responder.disconnect(receipt="bye")
requests.receipts.get(timeout=10)
connection.disconnect(receipt="bye")
result["bye"] = listener.receipts.get(timeout=10)

other, other_listener = connect()
other.subscribe("/queue/py", "s1", ack="client")
again = other_listener.messages.get(timeout=10)
result["again"] = [again.body, again.headers.get("redelivered")]
acknowledge(other, again)
other.send("/nowhere", "x")
result["error"] = other_listener.errors.get(timeout=10)
result["disconnected"] = other_listener.disconnections.get(timeout=10)

print(json.dumps(result))
