# SPDX-License-Identifier: Apache-2.0
"""Makes and checks Grafana dashboards, and checks alerts against the metric reference.

usage: dashboards.py write             writes node.json and pod.json anew from panels.yaml, and the PrometheusRule
       dashboards.py check             whether they are as panels.yaml says, and show every metric
       dashboards.py rules             prints a rule file with each expression of the dashboards, for promtool
       dashboards.py live URL          asks every query of a Prometheus that scrapes an agent: each is understood, and
                                       answered where there is anything to answer with
       dashboards.py alerts            whether alerts name only metrics and labels that exist, and are each tested
"""
import fnmatch
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path("Examples/Agent/dashboards")
ALERTS = Path("Examples/Agent/alerts")
RULE = Path("Examples/Agent/manifests/prometheus-operator/prometheusrule.yaml")
REFERENCE = Path("Documentation/metrics.md")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
ENDS = ["src_namespace", "src_pod", "src", "dst_namespace", "dst_pod", "dst"]
# Those of both ends that do not say which node saw them.
NODELESS = ("kubeskoop_flow_bytes", "kubeskoop_flow_packets", "kubeskoop_tcpretrans_total")
# How many of the largest rows a panel shows whose rows may be any number.
LARGEST = 20
UNITS = {("gauge", "bytes"): "bytes", ("gauge", "seconds"): "s", ("gauge", "milliseconds"): "ms",
         ("counter", "bytes"): "Bps", ("counter", "seconds"): "percentunit", ("counter", "milliseconds"): "short",
         ("counter", ""): "cps"}
# By which rows a dashboard shows what belongs to entities, and what it selects.
VIEWS = {
    "node": (["k8s_node"], 'k8s_node=~"$node",k8s_namespace="",k8s_pod=""'),
    "pod": (["k8s_namespace", "k8s_pod"], 'k8s_node=~"$node",k8s_namespace=~"$namespace",k8s_pod=~"$pod"'),
}


@dataclass
class Metric:
    name: str
    kind: str
    unit: str
    labels: list
    meaning: str
    hint: str
    owner: str  # entity, node, process or ends


def reference():
    metrics = {}
    for line in REFERENCE.read_text().splitlines():
        if not line.startswith("| `"):
            continue
        name, kind, unit, labels, meaning, hint = [cell.strip() for cell in line.split("|")[1:7]]
        own = re.findall(r"`(\w+)`", labels)
        if "both ends" in labels or "src" in own:
            owner, own = "ends", [label for label in own if label in ("direction", "protocol")]
        elif labels.startswith("entity"):
            owner = "entity"
        elif "k8s_node" in own:
            owner = "node"
            own.remove("k8s_node")
        else:
            owner = "process"
        metrics[name.strip("`")] = Metric(name.strip("`"), kind, unit, own, meaning, hint, owner)
    if len(metrics) < 400:
        sys.exit(f"{REFERENCE}: only {len(metrics)} metrics were read of it")
    return metrics


def expression(metric, view, suffix="", every=False):
    """The rows of a metric that a dashboard shows, as rates where it counts; of every entity of a node where asked."""
    by, selector = VIEWS["pod" if every else view]
    over = "[$__rate_interval]" if metric.kind != "gauge" else ""
    by, node = [*by, *metric.labels], 'k8s_node=~"$node"'

    def total(by, what):
        return f"sum by ({', '.join([*by, *(['le'] if suffix else [])])}) ({select(what)})"

    def select(what):
        series = f"{metric.name}{suffix}{{{what}}}{over}"
        return f"rate({series})" if over else series

    if every and view == "node" and metric.owner == "entity":
        return f"topk({LARGEST}, {total(by, node)})", by
    if metric.owner == "entity":
        return total(by, selector), by
    if metric.owner == "node":
        by = ["k8s_node", *metric.labels]
        return total(by, node), by
    if metric.owner == "process":
        # Every program has such metrics: those of the agents are wanted.
        agents = "on (instance) group by (instance) (skoop_build_info)"
        return f"{select('')} and {agents}", ["instance", *metric.labels]
    by = [*ENDS, *metric.labels]
    if view == "node":
        rows = total(by, "" if metric.name in NODELESS else node)
    else:
        rows = " or ".join(total(by, f'{end}_namespace=~"$namespace",{end}_pod=~"$pod"') for end in ("src", "dst"))
    return f"topk({LARGEST}, {rows})", by


def short(name):
    return re.sub(r"^(kubeskoop|skoop)_", "", name)


def panel(entry, metrics, view):
    description = "\n\n".join(f"**{m.name}**: {m.meaning}. {m.hint}" for m in metrics)
    base = {"title": entry["title"], "description": description, "datasource": SOURCE}
    first = metrics[0]
    if first.kind == "histogram":
        _, selector = VIEWS[view]
        heat = Metric(first.name, first.kind, "", [], "", "", first.owner)
        query = re.sub(r"sum by \([^)]*\)", "sum by (le)", expression(heat, view, "_bucket")[0])
        target = {"refId": "A", "expr": query, "format": "heatmap", "legendFormat": "{{le}}"}
        return {**base, "type": "heatmap", "targets": [target],
                "options": {"calculate": False, "yAxis": {"unit": "s"}, "color": {"mode": "scheme", "scheme": "Oranges"},
                            "tooltip": {"mode": "single", "yHistogram": True}, "cellGap": 1}}
    targets = []
    for place, metric in enumerate(metrics):
        query, by = expression(metric, view, every=entry.get("every", False))
        ends = "{{src_namespace}}/{{src_pod}} {{src}} to {{dst_namespace}}/{{dst_pod}} {{dst}}"
        legend = ends if metric.owner == "ends" else " ".join(f"{{{{{label}}}}}" for label in by)
        if metric.owner == "ends" and metric.labels:
            legend += " " + " ".join(f"{{{{{label}}}}}" for label in metric.labels)
        if len(metrics) > 1:
            legend = f"{short(metric.name)} {legend}"
        reference = chr(ord("A") + place % 26) + (str(place // 26) if place >= 26 else "")
        targets.append({"refId": reference, "expr": query, "legendFormat": legend})
    unit = entry.get("unit") or UNITS.get((first.kind, first.unit), "short")
    return {**base, "type": "timeseries", "targets": targets,
            "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 10}}, "overrides": []},
            "options": {"legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
                        "tooltip": {"mode": "multi", "sort": "desc"}}}


def query_variable(name, label, query):
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE, "query": {"query": query, "refId": name},
            "definition": query, "multi": True, "includeAll": True, "allValue": ".*", "refresh": 2, "sort": 1,
            "current": {"text": "All", "value": "$__all"}}


def variables(view):
    found = [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        query_variable("node", "Node", "label_values(skoop_series, k8s_node)"),
    ]
    if view == "pod":
        # Pods in the node's network have no devices of their own, and pods without processes nothing to read.
        of = '{__name__=~"kubeskoop_netdev_rxbytes|kubeskoop_io_readbytes",k8s_node=~"$node",%s}'
        found += [
            query_variable("namespace", "Namespace", "label_values(%s, k8s_namespace)" % (of % 'k8s_pod!=""')),
            query_variable(
                "pod", "Pod", "label_values(%s, k8s_pod)" % (of % 'k8s_namespace=~"$namespace",k8s_pod!=""')),
        ]
    return found


def resolve(table, metrics):
    """Each panel's metrics, patterns replaced by what nothing else names."""
    patterns = [
        (panel, pattern if re.match(r"(kubeskoop|skoop|process)_", pattern) else f"kubeskoop_{pattern}")
        for row in table for panel in row["panels"] for pattern in panel["metrics"]]
    named = {pattern for _, pattern in patterns if "*" not in pattern}
    if unknown := sorted(named - metrics.keys()):
        sys.exit(f"panels.yaml: no such metrics: {', '.join(unknown)}")
    shown, result = set(), {}
    for panel, pattern in patterns:
        found = [pattern] if pattern in named else [
            n for n in metrics if fnmatch.fnmatchcase(n, pattern) and n not in named and n not in shown]
        if not found:
            sys.exit(f"panels.yaml: {panel['title']}: {pattern} is no metric that others have not")
        shown.update(found)
        result.setdefault(id(panel), []).extend(metrics[name] for name in found)
    if missing := sorted(metrics.keys() - shown):
        sys.exit(f"panels.yaml: shown by no panel: {', '.join(missing)}")
    return result


def dashboard(view):
    metrics = reference()
    table = yaml.safe_load((FOLDER / "panels.yaml").read_text())
    members = resolve(table, metrics)
    rows, line, number = [], 0, 0
    for row in table:
        if row.get("only", view) != view:
            continue
        panels = []
        for entry in row["panels"]:
            shown = [m for m in members[id(entry)] if view == "node" or m.owner in ("entity", "ends")]
            if not shown or entry.get("only", view) != view:
                continue
            number += 1
            x, y = len(panels) % 3 * 8, line + 1 + len(panels) // 3 * 8
            panels.append({"id": number, "gridPos": {"x": x, "y": y, "w": 8, "h": 8},
                           **panel(entry, shown, view)})
        if not panels:
            continue
        number += 1
        # Queries of a closed row are not asked: only what is looked at costs.
        isOpen = len(rows) == 0
        rows.append({"id": number, "type": "row", "title": row["row"], "collapsed": not isOpen,
                     "gridPos": {"x": 0, "y": line, "w": 24, "h": 1}, "panels": [] if isOpen else panels})
        line += 1
        if isOpen:
            rows += panels
            line += (len(panels) + 2) // 3 * 8
    return {
        "uid": f"skoop-{view}", "title": f"Skoop {view}", "tags": ["skoop"], "schemaVersion": 39, "version": 1,
        "editable": True, "refresh": "30s", "time": {"from": "now-1h", "to": "now"}, "timezone": "browser",
        "graphTooltip": 1, "templating": {"list": variables(view)}, "panels": rows,
        "links": [{"type": "dashboards", "title": "Skoop", "tags": ["skoop"], "includeVars": True, "keepTime": True,
                   "asDropdown": False}]}


def text(view):
    """One line for each panel, so that a change is seen in a difference."""
    page = dashboard(view)
    head = json.dumps({key: value for key, value in page.items() if key != "panels"}, ensure_ascii=False)
    lines = ",\n".join(json.dumps(p, ensure_ascii=False) for p in page["panels"])
    return f'{head[:-1]}, "panels": [\n{lines}\n]}}\n'


def expressions(view):
    for row in dashboard(view)["panels"]:
        for entry in [row, *row.get("panels", [])]:
            for target in entry.get("targets", []):
                yield entry["title"], target["expr"]


def filled(query):
    return query.replace("$__rate_interval", "5m").replace("$node", "n").replace("$namespace", "s").replace("$pod", "p")


def check():
    bad = 0
    for view in VIEWS:
        if (FOLDER / f"{view}.json").read_text() != text(view):
            print(f"{view}.json is not what panels.yaml says: make dashboards")
            bad = 1
        # What is read of the file, not of the table: whoever edits it by hand is told.
        queries = json.dumps(json.loads((FOLDER / f"{view}.json").read_text()))
        if strange := names(queries) - known():
            print(f"{view}.json: no such metrics: {', '.join(sorted(strange))}")
            bad = 1
    both = "".join((FOLDER / f"{view}.json").read_text() for view in VIEWS)
    queries = " ".join(re.findall(r'"expr": "((?:[^"\\]|\\.)*)"', both))
    if missing := {name for name in reference() if not re.search(rf"\b{name}(_bucket)?\b", queries)}:
        print(f"in no panel: {', '.join(sorted(missing))}")
        bad = 1
    count = {view: len(list(expressions(view))) for view in VIEWS}
    print(f"{len(reference())} metrics in {count['node']} queries by node and {count['pod']} by pod")
    return bad


def known():
    metrics = reference()
    series = {f"{m.name}_{part}" for m in metrics.values() if m.kind == "histogram" for part in ("bucket", "sum", "count")}
    return metrics.keys() | series


def names(queries):
    return set(re.findall(r"\b(?:kubeskoop|skoop)_[a-zA-Z0-9_]+", queries))


def rules():
    found = [
        {"record": f"{view}:panel{place}", "expr": filled(query)}
        for view in VIEWS for place, (_, query) in enumerate(expressions(view))]
    yaml.safe_dump({"groups": [{"name": "dashboards", "rules": found}]}, sys.stdout)
    return 0


def live(url):
    def ask(query):
        with urllib.request.urlopen(f"{url}/api/v1/query?" + urllib.parse.urlencode({"query": query})) as answer:
            return json.load(answer)["data"]["result"]

    bad = 0
    # How many queries any node has an answer to, of its own and of what lives in its network namespaces.
    for view, least in (("node", 150), ("pod", 100)):
        answered = 0
        for title, query in expressions(view):
            query = re.sub(r'"\$\w+"', '".*"', query).replace("$__rate_interval", "1m")
            try:
                found = ask(query)
            except urllib.error.HTTPError as error:
                print(f"{title}: {query}: {error.read().decode()}")
                bad = 1
                continue
            answered += bool(found)
            series = re.search(r"\w+\{[^}]*\}", query).group()
            # A rate needs two samples.
            if not found and ask(f"count_over_time({series}[1m]) > 2"):
                print(f"{title}: there is {series}, but no answer to {query}")
                bad = 1
        print(f"{answered} queries of {view}.json have an answer")
        if answered < least:
            print(f"expected of {least} at least")
            bad = 1
    return bad


def alerts():
    bad = 0
    groups = yaml.safe_load((ALERTS / "skoop.rules.yaml").read_text())
    tests = yaml.safe_load((ALERTS / "skoop.test.yaml").read_text())["tests"]
    firing, silent = set(), set()
    for test in tests:
        for asked in test["alert_rule_test"]:
            (firing if asked.get("exp_alerts") else silent).add(asked["alertname"])
    for rule in [rule for group in groups["groups"] for rule in group["rules"]]:
        name = rule["alert"]
        if strange := names(rule["expr"]) - known():
            print(f"{name}: no such metrics: {', '.join(sorted(strange))}")
            bad = 1
        for kind, tested in (("fires", firing), ("stays silent", silent)):
            if name not in tested:
                print(f"{name}: no test in which it {kind}")
                bad = 1
        if not {"summary", "description"} <= rule["annotations"].keys() or "severity" not in rule["labels"]:
            print(f"{name}: summary, description and severity are wanted")
            bad = 1
    if yaml.safe_load(RULE.read_text())["spec"] != groups:
        print(f"{RULE} has other rules than {ALERTS}/skoop.rules.yaml")
        bad = 1
    print(f"{len(firing)} alerts fire and stay silent when they should")
    return bad


RULE_HEAD = """\
# For clusters with the Prometheus operator: the rules of alerts/skoop.rules.yaml, put here by "make dashboards".
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: skoop-agent
  namespace: skoop
  labels:
    app.kubernetes.io/name: skoop
    app.kubernetes.io/component: agent
spec:
"""


def write():
    lines = (ALERTS / "skoop.rules.yaml").read_text().splitlines(keepends=True)
    RULE.write_text(RULE_HEAD + "".join(f"  {line}" for line in lines if not line.startswith("#")))
    for view in VIEWS:
        (FOLDER / f"{view}.json").write_text(text(view))
    return 0


sys.exit({"write": write, "check": check, "rules": rules, "live": live, "alerts": alerts}[sys.argv[1]](*sys.argv[2:]))
