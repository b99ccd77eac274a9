# SPDX-License-Identifier: Apache-2.0
"""Takes requests on loopback as it is told, and writes down what it got.

Usage: receiver.py DIRECTORY PORT [CERTIFICATE KEY [CLIENT_CA]]

plan.json in the directory is a list of answers, one a request, the last for all further ones:
  status, headers, body (text), partial ([number, message] of OTLP), wait (seconds), close (no answer), half (of an answer)
port gets the port; requests gets a line of JSON for each request.
"""

import base64
import gzip
import http.server
import itertools
import json
import os
import ssl
import sys
import threading
import time

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2

directory, port = sys.argv[1], int(sys.argv[2])
lock = threading.Lock()
connections = itertools.count()
requests = itertools.count()


def answer(number):
    with open(os.path.join(directory, "plan.json")) as file:
        plan = json.load(file)
    return plan[min(number, len(plan) - 1)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection_number = next(connections)

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw
        record = {
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "connection": self.connection_number,
            "body": base64.b64encode(body).decode(),
            "time": time.time(),
        }
        isProtobuf = self.headers.get("Content-Type") == "application/x-protobuf"
        if isProtobuf:
            message = logs_service_pb2.ExportLogsServiceRequest.FromString(body)
            record["otlp"] = MessageToDict(message, preserving_proto_field_name=True)
        with lock:
            plan = answer(next(requests))
            with open(os.path.join(directory, "requests"), "a") as file:
                file.write(json.dumps(record) + "\n")
        time.sleep(plan.get("wait", 0))
        if plan.get("close"):
            self.close_connection = True
            return
        content = plan.get("body", "").encode()
        if "partial" in plan:
            response = logs_service_pb2.ExportLogsServiceResponse()
            response.partial_success.rejected_log_records = plan["partial"][0]
            response.partial_success.error_message = plan["partial"][1]
            content = response.SerializeToString()
        self.send_response(plan.get("status", 204))
        if isProtobuf:
            self.send_header("Content-Type", "application/x-protobuf")
        for name, value in plan.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) + (1 if plan.get("half") else 0)))
        self.end_headers()
        self.wfile.write(content)
        if plan.get("half"):
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_):
        """What a client does is its business, for example to end a connection; a request that cannot be read is not."""
        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], OSError):
            super().handle_error(*_)


server = Server(("127.0.0.1", port), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    if len(sys.argv) > 5:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
temporary = os.path.join(directory, "port.new")
with open(temporary, "w") as file:
    file.write(str(server.server_address[1]))
os.rename(temporary, os.path.join(directory, "port"))
server.serve_forever()
