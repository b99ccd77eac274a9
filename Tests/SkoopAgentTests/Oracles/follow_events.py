# SPDX-License-Identifier: Apache-2.0
"""Follows server-sent events: follow_events.py HOST PORT TARGET COUNT [LAST-ID].

HOST may be the path of a Unix socket. Prints the identifier, the source port, the type, the pod and the number of
heartbeats before it of every event, and ends after COUNT events.
"""
import http.client
import json
import socket
import sys

import sseclient


class UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


host, port, target, count, *last = sys.argv[1:]
if host.startswith("/"):
    connection = UnixConnection(host)
else:
    connection = http.client.HTTPConnection(host, int(port))
headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last[0]} if last else {})}
connection.request("GET", target, headers=headers)
response = connection.getresponse()
if response.status != 200 or not response.getheader("content-type").startswith("text/event-stream"):
    sys.exit(f"status {response.status}: {response.read()!r}")
for number, event in enumerate(sseclient.SSEClient(response).events(), 1):
    value = json.loads(event.data)
    end = value.get("tuple", {}).get("source", {})
    print(event.id, end.get("port"), value.get("type"), value.get("entity", {}).get("k8s_pod"), flush=True)
    if number == int(count):
        break
