# SPDX-License-Identifier: Apache-2.0
"""The objects of a stand-in for kube-apiserver, their versions, and who watches them."""
import base64
import copy
import datetime
import json
import queue
import re
import threading
import uuid

import kinds


def now(later=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=later)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def status(code, reason, message, details=None):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, **({"details": details} if details else {}), "code": code}


def fields_of(value):
    """The managed fields of a value, as the API server keeps them: as long as the value itself."""
    if not isinstance(value, dict):
        return {}
    return {f"f:{key}": fields_of(each) for key, each in value.items()}


def dressed(thing, old, revision):
    """An object with what the API server adds to it; most of it is nothing that anybody here reads."""
    thing = copy.deepcopy(thing)
    metadata = thing["metadata"]
    before = old["metadata"] if old else {}
    metadata["uid"] = before.get("uid") or str(uuid.uuid4())
    metadata["creationTimestamp"] = before.get("creationTimestamp") or now()
    metadata["resourceVersion"] = str(revision)
    if kinds.KINDS[thing["kind"]][2]:
        metadata.setdefault("namespace", "default")
    if thing["kind"] == "Pod":
        spec = thing.setdefault("spec", {})
        for key, value in {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
                           "terminationGracePeriodSeconds": 30, "securityContext": {}, "enableServiceLinks": True,
                           "preemptionPolicy": "PreemptLowerPriority", "priority": 0}.items():
            spec.setdefault(key, value)
        spec.setdefault("tolerations", [
            {"key": f"node.kubernetes.io/{why}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            for why in ("not-ready", "unreachable")])
        for container in spec.setdefault("containers", []):
            for key, value in {"resources": {}, "terminationMessagePath": "/dev/termination-log",
                               "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent"}.items():
                container.setdefault(key, value)
        thing.setdefault("status", {}).setdefault("phase", "Pending")
        thing["status"].setdefault("qosClass", "BestEffort")
    metadata["managedFields"] = [{
        "manager": "tests", "operation": "Apply", "apiVersion": thing["apiVersion"], "time": now(),
        "fieldsType": "FieldsV1", "fieldsV1": fields_of({
            k: v for k, v in thing.items() if k not in ("apiVersion", "kind", "metadata")})}]
    return thing


def without_revision(thing):
    metadata = {k: v for k, v in thing["metadata"].items() if k not in ("resourceVersion", "managedFields")}
    return {**thing, "metadata": metadata}


class Selection:
    """What of the objects a list or watch is about, and in which form."""

    def __init__(self, kind, version, namespace, parameters, is_partial):
        self.kind, self.version, self.namespace, self.is_partial = kind, version, namespace, is_partial
        self.fields = self.pairs(parameters.get("fieldSelector"))
        self.labels = self.pairs(parameters.get("labelSelector"))

    @staticmethod
    def pairs(text):
        pairs = []
        for part in filter(None, (text or "").split(",")):
            match = re.fullmatch(r"([^=!]+)(!=|==|=)(.*)", part)
            if match is None:
                raise ValueError(f"invalid selector: '{part}'")
            pairs.append((match[1], match[2] == "!=", match[3]))
        return pairs

    def takes(self, thing):
        if thing is None or thing["kind"] != self.kind:
            return False
        if self.namespace and thing["metadata"].get("namespace") != self.namespace:
            return False
        for path, is_not, wanted in self.fields:
            value = thing
            for word in path.split("."):
                value = value.get(word, "") if isinstance(value, dict) else ""
            if (value == wanted) == is_not:
                return False
        labels = thing["metadata"].get("labels") or {}
        return all((labels.get(name) == wanted) != is_not for name, is_not, wanted in self.labels)

    def shape(self, thing, is_item=False):
        thing = kinds.as_of(self.version, thing)
        if self.is_partial:
            return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": thing["metadata"]}
        return {k: v for k, v in thing.items() if not is_item or k not in ("kind", "apiVersion")}


class Watch:
    """One open watch: what it is still to send."""

    def __init__(self, selection):
        self.selection = selection
        self.queue = queue.SimpleQueue()

    def event(self, kind, thing):
        self.queue.put(json.dumps({"type": kind, "object": thing}, separators=(",", ":")).encode() + b"\n")

    def offer(self, old, new, gone=None):
        was, takes = self.selection.takes(old), self.selection.takes(new)
        if takes:
            self.event("MODIFIED" if was else "ADDED", self.selection.shape(new))
        elif was:
            # The last that there was of it, with the version at which it ceased to be or to match.
            last = copy.deepcopy(old)
            last["metadata"]["resourceVersion"] = (new or gone)["metadata"]["resourceVersion"]
            self.event("DELETED", self.selection.shape(last))

    def bookmark(self, revision):
        about = self.selection
        kind, version = ("PartialObjectMetadata", "meta.k8s.io/v1") if about.is_partial else (about.kind, about.version)
        empty = {"spec": {"containers": None}, "status": {}} if kind == "Pod" else {}
        self.event("BOOKMARK", {
            "kind": kind, "apiVersion": version,
            "metadata": {"resourceVersion": str(revision), "creationTimestamp": None}, **empty})


class Store:
    """The objects, and what has become of them since the last compaction."""

    def __init__(self):
        self.lock = threading.RLock()
        self.revision, self.compacted = 100, 0
        self.objects = {}
        self.history = []
        self.pages = {}
        self.watches = set()

    def change(self, key, new, gone=None):
        old = self.objects.pop(key, None)
        if new is not None:
            self.objects[key] = new
        self.history.append((self.revision, old, new, gone))
        for watch in self.watches:
            watch.offer(old, new, gone)

    def apply(self, thing):
        with self.lock:
            namespace = thing["metadata"].get("namespace", "default") if kinds.KINDS[thing["kind"]][2] else ""
            key = (thing["kind"], namespace, thing["metadata"]["name"])
            old = self.objects.get(key)
            new = dressed(thing, old, self.revision + 1)
            if old is not None and without_revision(old) == without_revision(new):
                return old
            self.revision += 1
            self.change(key, new)
            return new

    def delete(self, kind, namespace, name, grace):
        with self.lock:
            key = (kind, namespace if kinds.KINDS[kind][2] else "", name)
            old = self.objects.get(key)
            if old is None:
                raise KeyError(f'{kinds.KINDS[kind][1]} "{name}" not found')
            if kind == "Pod" and old["spec"].get("nodeName"):
                # Its node is told first.
                self.revision += 1
                old = copy.deepcopy(old)
                old["metadata"].update(
                    resourceVersion=str(self.revision), deletionTimestamp=now(grace), deletionGracePeriodSeconds=grace)
                self.change(key, old)
                if grace:
                    return
            self.revision += 1
            last = copy.deepcopy(old)
            last["metadata"]["resourceVersion"] = str(self.revision)
            self.change(key, None, gone=last)

    def compact(self):
        with self.lock:
            self.compacted = self.revision
            self.history = []
            self.pages = {}

    def bookmark(self):
        with self.lock:
            for watch in self.watches:
                watch.bookmark(self.revision)

    def list(self, selection, parameters):
        """The answer to a list, or the Status that says why there is none."""
        limit, token = int(parameters.get("limit") or 0), parameters.get("continue")
        with self.lock:
            if token:
                revision, page, start = json.loads(base64.urlsafe_b64decode(token))
                things = self.pages.get(page)
                if things is None:
                    return status(410, "Expired", "The provided continue parameter is too old to display a consistent "
                                  "list result. You can start a new list without the continue parameter.")
            else:
                revision, page, start = self.revision, uuid.uuid4().hex, 0
                asked = int(parameters.get("resourceVersion") or 0)
                if asked > revision:
                    return status(504, "Timeout", f"Timeout: Too large resource version: {asked}, current: {revision}",
                                  {"causes": [{"message": "Too large resource version"}], "retryAfterSeconds": 1})
                things = [self.objects[key] for key in sorted(self.objects) if selection.takes(self.objects[key])]
                # As of old: what the watch cache answers comes whole.
                if parameters.get("resourceVersion") == "0":
                    limit = 0
            metadata = {"resourceVersion": str(revision)}
            part = things[start:start + limit] if limit else things[start:]
            if limit and start + limit < len(things):
                self.pages[page] = things
                following = json.dumps([revision, page, start + limit]).encode()
                metadata["continue"] = base64.urlsafe_b64encode(following).decode()
                if not (selection.fields or selection.labels or selection.is_partial):
                    metadata["remainingItemCount"] = len(things) - start - limit
        kind, version = (("PartialObjectMetadataList", "meta.k8s.io/v1") if selection.is_partial
                         else (selection.kind + "List", selection.version))
        return {"kind": kind, "apiVersion": version, "metadata": metadata,
                "items": [selection.shape(thing, is_item=not selection.is_partial) for thing in part]}

    def watch(self, selection, since):
        """A watch from a version on, or from all that there is now."""
        watch = Watch(selection)
        with self.lock:
            if since in ("", "0"):
                for key in sorted(self.objects):
                    watch.offer(None, self.objects[key])
            elif int(since) < self.compacted:
                watch.event("ERROR", status(410, "Expired", f"too old resource version: {since} ({self.compacted})"))
                watch.queue.put(None)
            else:
                for revision, old, new, gone in self.history:
                    if revision > int(since):
                        watch.offer(old, new, gone)
            self.watches.add(watch)
        return watch
