"""A message there and back with Qpid Proton: proton-round-trip.py URL [CA [CERTIFICATE KEY]]. Prints what came back."""
import sys
from proton import Message, SSLDomain
from proton.utils import BlockingConnection

url, *files = sys.argv[1:]
domain = SSLDomain(SSLDomain.MODE_CLIENT) if files else None
if files:
    domain.set_trusted_ca_db(files[0])
    domain.set_peer_authentication(SSLDomain.VERIFY_PEER_NAME)
if len(files) > 1:
    domain.set_credentials(files[1], files[2], None)
connection = BlockingConnection(url, timeout=10, ssl_domain=domain)
receiver = connection.create_receiver("round.trip")
connection.create_sender("round.trip").send(Message(body="Grüße"))
print(receiver.receive(timeout=10).body)
receiver.accept()
connection.close()
