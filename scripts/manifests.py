# SPDX-License-Identifier: Apache-2.0
"""Checks of what is deployed. Used by test-manifests.sh.

usage: manifests.py schemas FILE...     each document is valid for every Kubernetes version we name
       manifests.py configuration FILE  prints the configuration that a ConfigMap holds
       manifests.py chart CHART DIR OUTPUT   the chart renders to the plain manifests in DIR, uses every value, and takes
                                        those of KubeSkoop's; the configuration it makes of them is written to OUTPUT
"""
import copy
import sys
from pathlib import Path

import yaml

# The oldest that there are schemas of, one in the middle, a new one.
VERSIONS = ["1.25", "1.30", "1.36"]
# Not Kubernetes' own kinds; those of the Prometheus operator that we use, as far as we use them.
RELABELING = {
    "type": "object",
    "properties": {
        "sourceLabels": {"type": "array", "items": {"type": "string"}},
        "targetLabel": {"type": "string"},
    },
    "additionalProperties": False,
}
POD_MONITOR = {
    "type": "object",
    "required": ["selector", "podMetricsEndpoints"],
    "properties": {
        "selector": {"type": "object", "required": ["matchLabels"]},
        "podMetricsEndpoints": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "port": {"type": "string"},
                    "path": {"type": "string"},
                    "interval": {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"},
                    "scrapeTimeout": {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"},
                    "honorLabels": {"type": "boolean"},
                    "relabelings": {"type": "array", "items": RELABELING},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
# promtool judges the groups.
PROMETHEUS_RULE = {"type": "object", "required": ["groups"], "additionalProperties": {"type": "array"}}
# The shape of KubeSkoop's own values, parts included that this chart has not.
KUBESKOOP = {
    "agent": {
        "config": {"debug": True, "port": 9103, "runtimeEndpoint": "/run/containerd/containerd.sock"},
        "image": {"repository": "registry.example/agent", "tag": "v1", "imagePullPolicy": "Always"},
        "btfhack": {"enabled": True},
        "nodeSelector": {},
        "tolerations": {},
    },
    "config": {
        "metricProbes": [{"name": "flow", "args": {"enablePortInLabel": False}}, {"name": "tcp"}],
        "eventProbes": [{"name": "packetloss", "args": {"enableStack": False}}, {"name": "biolatency"}],
        "eventSinks": [{"name": "stderr"}],
        "additionalLabels": ["app=${labels:app}"],
    },
    "controller": {"enabled": True},
    "webconsole": {"enabled": True},
}
OPERATOR = {"PodMonitor": POD_MONITOR, "PrometheusRule": PROMETHEUS_RULE}


def documents(files):
    for file in files:
        for document in yaml.safe_load_all(Path(file).read_text()):
            if document is not None:
                yield file, document


def schemas(files):
    import jsonschema
    import kubernetes_validate

    names, bad = set(), 0
    for file, document in documents(files):
        kind, meta = document["kind"], document["metadata"]
        what = f"{file}: {kind} {meta['name']}"
        if (kind, meta["name"]) in names:
            print(f"{what}: twice")
            bad = 1
        names.add((kind, meta["name"]))
        try:
            if document["apiVersion"] == "monitoring.coreos.com/v1":
                jsonschema.validate(document["spec"], OPERATOR[kind])
                continue
            for version in VERSIONS:
                kubernetes_validate.validate(document, version, strict=True)
        except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
            print(f"{what}: {'.'.join(map(str, error.path))}: {error.message}")
            bad = 1
    print(f"{len(names)} documents are valid for Kubernetes {', '.join(VERSIONS)}")
    return bad


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


# Another value of the same kind, for what a template may do with it.
def other(path, value):
    if path[-1] in ("metricProbes", "eventProbes"):
        return [{"name": "tcp"}]
    if path[-1] == "eventSinks":
        return [{"name": "stderr"}]
    if path[-1] == "additionalLabels":
        return ["app=${labels:app}"]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {"other": "value"}
    if isinstance(value, list):
        return [{"name": "other"}] if path[-1] == "imagePullSecrets" else [{"operator": "Exists", "key": "other"}]
    return {"memory": "96Mi", "cpu": "75m", "pullPolicy": "Always", "level": "warning"}.get(path[-1], "other")


def chart(folder, manifests, output):
    import helm_python
    import kubernetes_validate

    def render(chart, values=None):
        pages = chart.render(values or {}, name="skoop", namespace="skoop")
        found = {}
        for name in sorted(pages):
            for document in yaml.safe_load_all(pages[name]) if not name.endswith("NOTES.txt") else []:
                if document is not None:
                    found[document["kind"]] = document
        return found

    # A sidecar is part of pods that others write.
    files = [path for path in sorted(manifests.rglob("*.yaml")) if path.parent.name != "sidecar"]
    plain = {document["kind"]: document for _, document in documents(files)}
    # Helm makes the namespace itself (--create-namespace).
    del plain["Namespace"]
    bad = 0
    for finding in helm_python.lint(str(folder))["messages"]:
        print(f"helm lint: {finding}")
        # 1 is advice.
        bad |= finding["severity"] > 1
    with helm_python.Chart.load(str(folder)) as loaded:
        values = yaml.safe_load((folder / "values.yaml").read_text())
        on = {"agent": {"podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}}
        rendered = render(loaded, on)
        for kind in sorted(plain.keys() | rendered.keys()):
            wanted, found = (strip(each.get(kind)) for each in (plain, rendered))
            if wanted != found:
                difference = sorted(
                    ".".join(map(str, path)) for path, _ in set_of(wanted) ^ set_of(found))
                print(f"{kind}: the chart differs from the plain manifests in {', '.join(difference[:10]) or 'being'}")
                bad = 1
        # A file of values made for KubeSkoop's chart, with what this one has not.
        theirs = render(loaded, KUBESKOOP)
        for document in theirs.values():
            kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
        configuration = theirs["ConfigMap"]["data"]["config.yaml"]
        if theirs["DaemonSet"]["spec"]["template"]["spec"].get("tolerations") or "enablePortInLabel" not in configuration:
            print("the chart does not take KubeSkoop's values as they are meant")
            bad = 1
        Path(output).write_text(configuration)
        before = render(loaded, on)
        count = 0
        for path, value in leaves(values):
            changed = copy.deepcopy(on)
            place = changed
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = other(path, value) if path[-1] != "enabled" or not value else False
            if path[-1] == "enabled" and value is False:
                place[path[-1]] = False
            count += 1
            if render(loaded, changed) == before:
                print(f"values.yaml: {'.'.join(path)} changes nothing")
                bad = 1
    print(f"Helm {helm_python.helm_sdk_version()} renders the plain manifests; each of {count} values changes them")
    return bad


# What a chart adds to all it makes is no difference.
def strip(document):
    if document is None:
        return None
    document = copy.deepcopy(document)
    for labels in (document["metadata"].get("labels", {}),):
        for name in ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/version"):
            labels.pop(name, None)
    if document["kind"] == "DaemonSet":
        document["spec"]["template"]["metadata"]["annotations"].pop("checksum/config", None)
    if document["kind"] == "ConfigMap":
        document["data"] = {key: yaml.safe_load(text) for key, text in document["data"].items()}
    return document


def set_of(value, path=()):
    if isinstance(value, dict):
        return set().union({(path, "{}")}, *(set_of(inner, (*path, key)) for key, inner in value.items()))
    if isinstance(value, list):
        return set().union({(path, "[]")}, *(set_of(inner, (*path, place)) for place, inner in enumerate(value)))
    return {(path, value)}


def main(command, *arguments):
    if command == "schemas":
        return schemas(arguments)
    if command == "chart":
        return chart(Path(arguments[0]), Path(arguments[1]), arguments[2])
    (configuration,) = (d["data"]["config.yaml"] for _, d in documents(arguments) if d["kind"] == "ConfigMap")
    print(configuration, end="")
    return 0


sys.exit(main(*sys.argv[1:]))
