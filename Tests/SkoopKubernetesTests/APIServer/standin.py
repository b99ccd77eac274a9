# SPDX-License-Identifier: Apache-2.0
"""A stand-in for kube-apiserver where none is built: lists, watches and errors as the real one answers them.

What it does is what tests that run against both need; they say which of the two they ran against.
"""
import collections
import gzip
import http.server
import json
import queue
import re
import select
import socket
import ssl
import threading
import time
import urllib.parse

import kinds
from store import Selection, Store, status

VERSION = {"major": "1", "minor": "30", "gitVersion": "v1.30.0-standin"}
PARTIAL = re.compile(r"as=PartialObjectMetadata(List)?;g=meta\.k8s\.io;v=v1(?![a-z0-9])")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, files, users):
        self.files, self.users = files, users
        self.store = Store()
        self.slices = ["discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"]
        self.grants = {}
        self.requests = []
        self.answers = collections.deque()
        self.serve(files["certificate"], files["key"])
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def serve(self, certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(self.files["authority"])
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["http/1.1"])
        self.context = context

    def finish_request(self, request, client_address):
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request.settimeout(60)
        with self.context.wrap_socket(request, server_side=True) as connection:
            Handler(connection, client_address, self)

    def handle_error(self, request, client_address):
        """A client that goes away, or that does not trust the certificate, is none of this server's errors."""

    def may(self, user, verb, group, resource):
        if user == "admin":
            return True
        return any((group in rule["apiGroups"] or "*" in rule["apiGroups"])
                   and (resource in rule["resources"] or "*" in rule["resources"])
                   and (verb in rule["verbs"] or "*" in rule["verbs"])
                   for rule in self.grants.get(user, []))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The tests ask for the requests themselves."""

    def send(self, code, body, headers=None, kind="application/json"):
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body, separators=(",", ":")).encode() + b"\n"
        headers = dict(headers or {})
        if len(body) > 128 << 10 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(code)
        for name, value in {"Content-Type": kind, **headers, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def user(self):
        """Who asks: by token, else by certificate. None of both is nobody, a wrong token is an error."""
        words = self.headers.get("Authorization", "").split(" ", 1)
        if len(words) == 2 and words[0].lower() == "bearer":
            return self.server.users.get(words[1].strip())
        for entry in (self.connection.getpeercert() or {}).get("subject", ()):
            for name, value in entry:
                if name == "commonName":
                    return value
        return "system:anonymous"

    def canned(self):
        for answer in list(self.server.answers):
            if re.search(answer["path"], self.path):
                answer["times"] -= 1
                if answer["times"] <= 0:
                    self.server.answers.remove(answer)
                return answer
        return None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        parameters = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        user = self.user()
        self.server.requests.append({"user": user or "", "uri": self.path, "agent": self.headers.get("User-Agent", "")})
        if answer := self.canned():
            kind = answer.get("headers", {}).pop("Content-Type", "application/json")
            return self.send(answer["status"], answer.get("body", ""), answer.get("headers"), kind)
        if user is None:
            return self.send(401, status(401, "Unauthorized", "Unauthorized"))
        if url.path in ("/readyz", "/healthz", "/livez"):
            return self.send(200, "ok", kind="text/plain; charset=utf-8")
        if url.path == "/version":
            return self.send(200, VERSION)
        if url.path == "/apis/discovery.k8s.io":
            versions = [{"groupVersion": each, "version": each.split("/")[1]} for each in self.server.slices]
            return self.send(200, {"kind": "APIGroup", "apiVersion": "v1", "name": "discovery.k8s.io",
                                   "versions": versions, "preferredVersion": versions[0]})
        match = re.fullmatch(
            r"/(api|apis)/((?:[a-z0-9.-]+/)?v\d[a-z0-9]*)(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?", url.path)
        if match is None:
            return self.missing()
        _, version, namespace, plural, name = match.groups()
        return self.resource(user, version, namespace, plural, name, parameters)

    def missing(self):
        self.send(404, "404 page not found\n", kind="text/plain; charset=utf-8")

    def resource(self, user, version, namespace, plural, name, parameters):
        group = version.rpartition("/")[0]
        is_watch = parameters.get("watch") in ("1", "true")
        verb = "get" if name else "watch" if is_watch else "list"
        if not self.server.may(user, verb, group, plural):
            scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            one = plural + (f".{group}" if group else "") + (f' "{name}"' if name else "")
            return self.send(403, status(
                403, "Forbidden", f'{one} is forbidden: User "{user}" cannot {verb} resource "{plural}" in API group '
                f'"{group}" {scope}', {"kind": plural, **({"group": group} if group else {})}))
        kind = next((kind for kind, (of, named, _) in kinds.KINDS.items()
                     if named == plural and (version in self.server.slices if kind == "EndpointSlice"
                                             else version == of)), None)
        if kind is None and plural == "endpointslices":
            # Another version of its group is served.
            return self.send(404, status(404, "NotFound", "the server could not find the requested resource"))
        if kind is None:
            return self.missing()
        is_partial = PARTIAL.search(self.headers.get("Accept", "")) is not None
        try:
            selection = Selection(kind, version, namespace, parameters, is_partial)
        except ValueError as error:
            return self.send(400, status(400, "BadRequest", str(error)))
        if name:
            with self.server.store.lock:
                thing = self.server.store.objects.get((kind, namespace or "", name))
            if thing is None:
                return self.send(404, status(404, "NotFound", f'{plural} "{name}" not found'))
            return self.send(200, selection.shape(thing))
        if is_watch:
            return self.watch(selection, parameters)
        answer = self.server.store.list(selection, parameters)
        self.send(answer.get("code", 200), answer)

    def watch(self, selection, parameters):
        timeout = float(parameters.get("timeoutSeconds") or 1800)
        end = time.monotonic() + timeout
        wants_bookmarks = parameters.get("allowWatchBookmarks") in ("1", "true")
        # One comes shortly before the end, so that the next watch need not start from what is too old.
        bookmark = end - 2 if wants_bookmarks and timeout > 2 else None
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        store = self.server.store
        watch = store.watch(selection, parameters.get("resourceVersion", ""))
        try:
            while (left := end - time.monotonic()) > 0:
                if bookmark and time.monotonic() > bookmark:
                    bookmark = None
                    with store.lock:
                        watch.bookmark(store.revision)
                try:
                    line = watch.queue.get(timeout=min(left, 0.1))
                except queue.Empty:
                    if select.select([self.connection], [], [], 0)[0]:
                        self.close_connection = True
                        return
                    continue
                if line is None:
                    break
                if wants_bookmarks or b'{"type":"BOOKMARK"' not in line[:20]:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
        finally:
            with store.lock:
                store.watches.discard(watch)


class StandIn:
    """What a test may order of it."""

    def __init__(self, port, files, users, _home, _tools):
        self.server = Server(port, files, users)
        self.version = VERSION["gitVersion"]

    def apply(self, thing):
        metadata = self.server.store.apply(thing)["metadata"]
        return {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}

    def delete(self, kind, namespace, name, grace):
        self.server.store.delete(kind, namespace, name, grace)

    def grant(self, user, rules):
        self.server.grants[user] = rules

    def account(self, _manifests):
        return next(token for token, name in self.server.users.items() if name == "agent")

    def revoke(self, user):
        self.server.users = {token: name for token, name in self.server.users.items() if name != user}

    def serve(self, certificate, key):
        self.server.serve(certificate, key)

    def compact(self):
        self.server.store.compact()

    def requests(self):
        return self.server.requests

    # What no real server can be made to do.

    def bookmark(self):
        self.server.store.bookmark()

    def slices(self, versions):
        self.server.slices = versions

    def answer(self, answer):
        self.server.answers.append(answer)

    def emit(self, text):
        """Sends text to all who watch, whatever it is."""
        with self.server.store.lock:
            for watch in self.server.store.watches:
                watch.queue.put(text.encode())

    def end(self):
        self.server.server_close()
