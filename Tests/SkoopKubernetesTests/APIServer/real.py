# SPDX-License-Identifier: Apache-2.0
"""The real kube-apiserver with etcd, as scripts/build-cluster.sh has built it."""
import base64
import ctypes
import http.client
import json
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import time

import kinds
import kubelet

ISSUER = "https://kubernetes.default.svc"
SERVICES = "10.96.0.0/16,fd96::/108"

AUDIT = {
    "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["ResponseStarted", "ResponseComplete", "Panic"],
    "rules": [{"level": "None", "userGroups": ["system:masters"]}, {"level": "Metadata"}],
}


def free_port():
    """A port below those that the kernel gives to connections."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def started(log, *command):
    """A program that does not outlive this one, whatever ends it."""
    libc = ctypes.CDLL(None)
    return subprocess.Popen(
        command, stdout=open(log, "ab"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=lambda: libc.prctl(1, signal.SIGKILL))


class Refused(Exception):
    """What the API server said instead of doing it."""


class Real:
    """What a test may order of it; see the stand-in."""

    def __init__(self, port, files, users, home, tools):
        self.port, self.files, self.users, self.home = port, files, users, home
        self.first = (files["certificate"], files["key"])
        self.programs = tools.parent / "cluster"
        self.connection = None
        self.namespaces = {"default"}
        self.kubelets = []
        etcd, peers = free_port(), free_port()
        self.etcd_port = etcd
        self.server = None
        self.earlier = 0
        self.etcd = started(
            home / "etcd.log", tools / "usr/bin/etcd", "--data-dir", home / "etcd", "--logger=zap",
            "--listen-client-urls", f"http://127.0.0.1:{etcd}", "--advertise-client-urls", f"http://127.0.0.1:{etcd}",
            "--listen-peer-urls", f"http://127.0.0.1:{peers}", "--initial-cluster", f"default=http://127.0.0.1:{peers}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peers}", "--unsafe-no-fsync")
        (home / "audit.json").write_text(json.dumps(AUDIT))
        subprocess.run(["openssl", "pkey", "-in", files["key"], "-pubout", "-out", home / "accounts.pub"], check=True)
        self.start()
        self.version = self.ask("GET", "/version")["gitVersion"]
        self.slice_version = self.ask("GET", "/apis/discovery.k8s.io")["preferredVersion"]["groupVersion"]

    def start(self):
        # A connection whose server was killed leaves its port waiting, not the next server.
        (self.home / "tokens").write_text("".join(
            f'{token},{name},{name},"{"system:masters" if name == "admin" else "tests"}"\n'
            for token, name in self.users.items()))
        files = self.files
        self.server = started(
            self.home / "apiserver.log", self.programs / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self.etcd_port}", "--bind-address=127.0.0.1",
            f"--secure-port={self.port}", f"--tls-cert-file={files['certificate']}",
            f"--tls-private-key-file={files['key']}", f"--client-ca-file={files['authority']}",
            f"--token-auth-file={self.home}/tokens", "--authorization-mode=RBAC", "--allow-privileged=true",
            "--feature-gates=IPv6DualStack=true", f"--service-cluster-ip-range={SERVICES}",
            "--endpoint-reconciler-type=none", "--disable-admission-plugins=ServiceAccount",
            f"--service-account-issuer={ISSUER}", f"--service-account-key-file={self.home}/accounts.pub",
            f"--service-account-signing-key-file={self.first[1]}", f"--cert-dir={self.home}/run",
            f"--audit-policy-file={self.home}/audit.json", f"--audit-log-path={self.home}/audit.log")
        end = time.monotonic() + 180
        while True:
            try:
                self.ask("GET", "/readyz")
                return
            except (OSError, http.client.HTTPException, Refused) as error:
                if self.server.poll() is not None or self.etcd.poll() is not None or time.monotonic() > end:
                    logs = [(self.home / f"{name}.log").read_text()[-2000:] for name in ("etcd", "apiserver")]
                    raise RuntimeError("\n".join([f"the API server does not start: {error}", *logs])) from error
                time.sleep(0.1)

    def restart(self):
        self.server.kill()
        self.server.wait()
        self.connection = None
        self.start()

    def ask(self, method, path, body=None, kind="application/json"):
        """A request of the administrator's, past whatever stands before the server."""
        if self.connection is None:
            # Whom it reaches it knows by the port; the certificate may be one that nobody should trust.
            context = ssl._create_unverified_context()
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        admin = next(token for token, name in self.users.items() if name == "admin")
        try:
            self.connection.request(
                method, path, json.dumps(body) if body is not None else None,
                {"Authorization": f"Bearer {admin}", "Content-Type": kind, "Accept": "application/json"})
            response = self.connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise
        if response.status >= 300:
            raise Refused(f"{method} {path}: {response.status} {text}")
        return json.loads(text) if text.startswith("{") else text

    def path(self, thing):
        metadata = thing["metadata"]
        return kinds.path(thing["apiVersion"], thing["kind"], metadata.get("namespace", "default"), metadata["name"])

    def put(self, thing):
        return self.ask("PATCH", self.path(thing) + "?fieldManager=tests&force=true", thing,
                        "application/apply-patch+yaml")

    def apply(self, thing):
        if kinds.KINDS[thing["kind"]][2]:
            namespace = thing["metadata"].setdefault("namespace", "default")
            if namespace not in self.namespaces:
                self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
                self.namespaces.add(namespace)
        if thing["kind"] == "EndpointSlice":
            thing = kinds.as_of(self.slice_version, thing)
        state = thing.pop("status", None)
        metadata = self.put(thing)["metadata"]
        if state is not None:
            metadata = self.ask("PATCH", self.path(thing) + "/status", {"status": state},
                                "application/merge-patch+json")["metadata"]
        return {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}

    def delete(self, kind, namespace, name, grace):
        version = self.slice_version if kind == "EndpointSlice" else kinds.KINDS[kind][0]
        self.ask("DELETE", kinds.path(version, kind, namespace, name),
                 {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": grace})

    def grant(self, user, rules):
        group = "rbac.authorization.k8s.io"
        name = {"name": f"tests-{user}"}
        self.put({"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": name, "rules": rules})
        self.put({"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": name,
                  "roleRef": {"apiGroup": group, "kind": "ClusterRole", **name},
                  "subjects": [{"apiGroup": group, "kind": "User", "name": user}]})
        # The server hears of its own rules by a watch.
        end = time.monotonic() + 60
        for resource in ("pods", "nodes", "services", "endpointslices"):
            about = {"verb": "list", "group": "discovery.k8s.io" if resource == "endpointslices" else "",
                     "resource": resource}
            wanted = any(about["group"] in rule["apiGroups"] and resource in rule["resources"]
                         and "list" in rule["verbs"] for rule in rules)
            while self.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
                    "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                    "spec": {"user": user, "resourceAttributes": about}})["status"]["allowed"] != wanted:
                if time.monotonic() > end:
                    raise RuntimeError(f"{user} is not granted {rules}")
                time.sleep(0.02)

    def account(self, manifests):
        """Makes what the manifests of a service account say, and a token for it as its pods have one."""
        for thing in manifests:
            self.apply(thing)
        about = next(thing for thing in manifests if thing["kind"] == "ServiceAccount")
        return self.ask("POST", self.path(about) + "/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"audiences": [ISSUER], "expirationSeconds": 3600}})["status"]["token"]

    def revoke(self, user):
        self.users = {token: name for token, name in self.users.items() if name != user}
        self.restart()

    def serve(self, certificate, key):
        self.files = {**self.files, "certificate": certificate, "key": key}
        self.restart()

    def etcd_ask(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.etcd_port, timeout=60)
        connection.request("POST", path, json.dumps(body))
        return json.loads(connection.getresponse().read())

    def compact(self):
        """Forgets what was before now: etcd, and the server's own cache, which starts anew."""
        # What is as of the newest revision is kept: there has to be one more than anybody has seen.
        answer = self.etcd_ask("/v3/kv/put", {"key": base64.b64encode(b"compacted").decode(), "value": ""})
        self.etcd_ask("/v3/kv/compaction", {"revision": answer["header"]["revision"], "physical": True})
        self.restart()

    def audited(self):
        """What the server has written of requests, by whole lines."""
        log = self.home / "audit.log"
        text = log.read_bytes() if log.exists() else b""
        return text[:text.rfind(b"\n") + 1]

    def requests(self):
        return [{"user": entry.get("user", {}).get("username", ""), "uri": entry["requestURI"],
                 "agent": entry.get("userAgent", "")}
                for entry in map(json.loads, self.audited()[self.earlier:].splitlines())
                if not entry.get("user", {}).get("username", "").startswith("system:apiserver")]

    def node(self, name, runtime):
        """Starts a kubelet, and waits until its node is ready."""
        self.kubelets.append(kubelet.Kubelet(self, started, name, runtime, free_port()))

    def end_nodes(self):
        while self.kubelets:
            self.kubelets.pop().end()

    def reset(self, users):
        """All as it was at the start, for the next test; namespaces stay, since nobody here ends them."""
        self.end_nodes()
        if users != self.users or self.first != (self.files["certificate"], self.files["key"]):
            self.users = users
            self.files = {**self.files, "certificate": self.first[0], "key": self.first[1]}
            self.restart()
        for kind in ("Pod", "Service", "EndpointSlice", "Node", "ReplicaSet", "Deployment", "DaemonSet", "StatefulSet",
                     "Job"):
            version = self.slice_version if kind == "EndpointSlice" else kinds.KINDS[kind][0]
            for thing in self.ask("GET", kinds.path(version, kind))["items"]:
                metadata = thing["metadata"]
                if (kind, metadata["name"]) != ("Service", "kubernetes"):
                    self.delete(kind, metadata.get("namespace"), metadata["name"], 0)
        # The server has the file open, and goes on where it is.
        self.earlier = len(self.audited())

    def end(self):
        self.end_nodes()
        for process in (self.server, self.etcd):
            if process is not None:
                process.kill()
                process.wait()
