# SPDX-License-Identifier: Apache-2.0
"""The API server of a cluster for a test: the real kube-apiserver with etcd, or a stand-in, behind one that cuts lines.

usage: cluster.py real|stand-in DIRECTORY TOOLS AUTHORITY CERTIFICATE KEY MANIFESTS
MANIFESTS have a ServiceAccount and what it may do: so may the user agent; the user limited may see pods and nodes. Reads one JSON object a line and answers each with one line: {"ok": ...} or {"error": ...}.
  {"do": "apply", "objects": [...]}          {"do": "delete", "kind", "namespace", "name", "grace"}
  {"do": "grant", "user", "rules"}           {"do": "revoke", "user"}       {"do": "serve", "certificate", "key"}
  {"do": "compact"}, {"do": "requests"}, {"do": "reset"}, {"do": "account"}: a token of the ServiceAccount
connections: {"do": "drop"}, {"do": "hang"}, {"do": "refuse"}, {"do": "accept"}, {"do": "accepted"}
of the real one only: {"do": "node", "name", "runtime"}, {"do": "end_nodes"}, {"do": "manifests", "folder"}
of the stand-in only: {"do": "bookmark"}, {"do": "slices", "versions"}, {"do": "emit", "text"},
  {"do": "answer", "path": REGEX, "status", "headers", "body", "times"}
"""
import json
import pathlib
import signal
import sys

import yaml

import front
import real
import standin

KIND = sys.argv[1]
HOME = pathlib.Path(sys.argv[2])
TOOLS = pathlib.Path(sys.argv[3])
FILES = dict(zip(("authority", "certificate", "key"), sys.argv[4:7]))
MANIFESTS = list(yaml.safe_load_all(pathlib.Path(sys.argv[7]).read_text()))
USERS = {"admin-token": "admin", "agent-token": "agent", "limited-token": "limited"}
SEEN = {"apiGroups": [""], "resources": ["pods", "nodes"], "verbs": ["list", "watch"]}


class Cluster:
    def __init__(self):
        HOME.mkdir(parents=True, exist_ok=True)
        behind = real.free_port()
        self.server = (real.Real if KIND == "real" else standin.StandIn)(behind, FILES, dict(USERS), HOME, TOOLS)
        self.front = front.Front(real.free_port(), behind)
        self.grants()

    def grants(self):
        role = next(each for each in MANIFESTS if each["kind"] == "ClusterRole")
        self.server.grant("agent", role["rules"])
        self.server.grant("limited", [SEEN])

    def carry_out(self, order):
        what = order.pop("do")
        if what == "apply":
            return [self.server.apply(thing) for thing in order["objects"]]
        if what in ("drop", "hang", "refuse", "accept"):
            return self.front.order(getattr(self.front, what)())
        if what == "accepted":
            return self.front.accepted
        if what == "answer":
            return self.server.answer(order)
        if what == "manifests":
            files = sorted(pathlib.Path(order["folder"]).glob("*.yaml"))
            things = [thing for file in files for thing in yaml.safe_load_all(file.read_text()) if thing]
            return [self.server.apply(thing) for thing in things]
        if what == "account":
            return self.server.account(MANIFESTS)
        if what == "reset":
            self.front.order(self.front.accept())
            self.front.order(self.front.drop())
            self.server.reset(dict(USERS))
            return self.grants()
        return getattr(self.server, what)(**order)


def main():
    cluster = None
    try:
        cluster = Cluster()
        print(json.dumps({"ok": {"port": cluster.front.port, "version": cluster.server.version}}), flush=True)
        for line in sys.stdin:
            try:
                print(json.dumps({"ok": cluster.carry_out(json.loads(line))}), flush=True)
            except Exception as error:  # whatever it is, the test is told
                print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
        raise
    finally:
        if cluster:
            cluster.server.end()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()
