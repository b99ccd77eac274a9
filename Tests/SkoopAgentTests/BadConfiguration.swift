// SPDX-License-Identifier: Apache-2.0
import Testing

/// A configuration that cannot be used, and what is to be said about it.
struct BadConfiguration: Sendable, CustomTestStringConvertible {
    var text: String
    var message: String
    var testDescription: String { message }

    init(_ text: String, _ message: String) {
        self.text = text
        self.message = message
    }

    private static let probes =
        "conntrack, flow, io, netdev, packetloss, qdisc, rdma, sock, softirq, tcp, tcpext, "
        + "tcpretrans, tcpsummary, udp, watch"
    private static let rootKeys =
        "debugMode, port, address, admin, node, btf, sidecar, enableController, controllerAddr, runtime, cluster, metrics, event, analysis, limits"

    static let all = [
        BadConfiguration(
            "metrics:\n  probes:\n    - name: tcpexr\n",
            "agent.yaml:3: metrics.probes[0].name: unknown probe 'tcpexr', did you mean 'tcpext'? allowed are \(probes)"
        ),
        BadConfiguration(
            "metrics:\n  probes: [{name: 'nothing like it'}]\n",
            "agent.yaml:2: metrics.probes[0].name: unknown probe 'nothing like it'; allowed are \(probes)"),
        BadConfiguration(
            "prot: 9102\n", "agent.yaml:1: prot: unknown key 'prot', did you mean 'port'? allowed are \(rootKeys)"),
        BadConfiguration(
            "port: '9102'\n", "agent.yaml:1: port: expected a whole number from 1 to 65535, found the string \"9102\""),
        BadConfiguration("port: 65536\n", "agent.yaml:1: port: expected a whole number from 1 to 65535, found 65536"),
        BadConfiguration(
            "port: 1e3\n", "agent.yaml:1: port: expected a whole number from 1 to 65535, found the string \"1e3\""),
        BadConfiguration(
            "\naddress: localhost\n",
            "agent.yaml:2: address: expected [tcp://]host:port, :port, [IPv6]:port or unix:///path, found the string "
                + "\"localhost\""),
        BadConfiguration(
            "cluster: {server: 'ftp://a'}\n",
            "agent.yaml:1: cluster.server: expected auto, none, or the URL of an API server, found the string \"ftp://a\""
        ),
        BadConfiguration(
            "cluster: {scope: pod}\n", "agent.yaml:1: cluster.scope: unknown value 'pod'; allowed are cluster, node"),
        BadConfiguration("cluster: {context: a}\n", "agent.yaml:1: cluster.context: has no meaning without kubeconfig"),
        BadConfiguration("debugMode: 1\n", "agent.yaml:1: debugMode: expected true or false, found 1"),
        BadConfiguration(
            "debugMode: true\ndebugmode: false\n", "agent.yaml:2: debugMode: occurs twice, once in other case"),
        BadConfiguration("- a\n", "agent.yaml:1: expected a mapping of keys to values, found a list"),
        BadConfiguration(
            "metrics: all\n",
            "agent.yaml:1: metrics: expected a mapping of keys to values, found the string \"all\""),
        BadConfiguration(
            "metrics:\n  probes: tcp\n", "agent.yaml:2: metrics.probes: expected a list, found the string \"tcp\""),
        BadConfiguration(
            "metrics:\n  probes:\n  - tcp\n",
            "agent.yaml:3: metrics.probes[0]: expected a mapping of keys to values, found the string \"tcp\""),
        BadConfiguration(
            "metrics:\n  probes:\n  - args: {}\n", "agent.yaml:3: metrics.probes[0].name: missing, every entry has one"),
        BadConfiguration(
            "metrics:\n  probes:\n  - name: tcp\n  - name: udp\n  - name: TCP\n",
            "agent.yaml:5: metrics.probes[2]: probe 'tcp' is listed twice, first in line 3"),
        BadConfiguration(
            "metrics:\n  probes:\n  - {name: tcp, source: netlink}\n",
            "agent.yaml:3: metrics.probes[0].source: probe 'tcp' has no source 'netlink'; allowed are auto, one-pass, "
                + "procfs"),
        BadConfiguration(
            "metrics:\n  probes:\n  - {name: tcp, source: onepass}\n",
            "agent.yaml:3: metrics.probes[0].source: unknown value 'onepass', did you mean 'one-pass'? allowed are "
                + "auto, one-pass, procfs, netlink, sysfs, ebpf"),
        BadConfiguration(
            "metrics:\n  probes:\n  - {name: qdisc, args: {device: eth0}}\n",
            "agent.yaml:3: metrics.probes[0].args.device: unknown key 'device', did you mean 'devices'? allowed are "
                + "devices, perDevice, depth, title, kinds"),
        BadConfiguration(
            "metrics:\n  probes:\n  - {name: tcp, args: {source: procfs}}\n",
            "agent.yaml:3: metrics.probes[0].args.source: unknown key 'source'; none is allowed here"),
        BadConfiguration(
            #"address: "a\nb\u0085""# + "\n",
            "agent.yaml:1: address: expected [tcp://]host:port, :port, [IPv6]:port or unix:///path, found the string "
                + #""a\nb\u{0085}""#),
        BadConfiguration(
            "metrics:\n  probes:\n  - {name: qdisc, args: {depth: 9}}\n",
            "agent.yaml:3: metrics.probes[0].args.depth: expected a whole number from 1 to 8, found 9"),
        BadConfiguration(
            "metrics:\n  probes:\n  - {name: qdisc, args: {kinds: [rx, xt]}}\n",
            "agent.yaml:3: metrics.probes[0].args.kinds[1]: unknown value 'xt', did you mean 'tx'? allowed are rx, tx"),
        BadConfiguration(
            "metrics: {deadline: 3}\n",
            "agent.yaml:1: metrics.deadline: expected a duration from 50ms to 60s, such as 500ms, 3s or 1m, found 3"),
        BadConfiguration(
            "metrics: {deadline: 2m}\n",
            "agent.yaml:1: metrics.deadline: expected a duration from 50ms to 60s, such as 500ms, 3s or 1m, found the "
                + "string \"2m\""),
        BadConfiguration(
            "metrics: {compatNames: [ack, v1]}\n",
            "agent.yaml:1: metrics.compatNames[1]: unknown value 'v1', did you mean 'v0'? allowed are "
                + "ack, v0"),
        BadConfiguration(
            "metrics:\n  additionalLabels:\n  - app=${labels:app}\n  - 9lives=x\n",
            "agent.yaml:4: metrics.additionalLabels[1]: \"9lives=x\": \"9lives\" is no label name, allowed are letters, "
                + "digits and '_', with no digit first"),
        BadConfiguration(
            "metrics: {additionalLabels: [k8s_pod=x]}\n",
            "agent.yaml:1: metrics.additionalLabels[0]: \"k8s_pod=x\": the label name \"k8s_pod\" is reserved, as is "
                + "every name that starts with k8s_ or __"),
        BadConfiguration(
            "metrics: {additionalLabels: [device=x]}\n",
            "agent.yaml:1: metrics.additionalLabels[0]: \"device=x\": the label name \"device\" is reserved, as is "
                + "every name that starts with k8s_ or __"),
        BadConfiguration(
            "metrics: {additionalLabels: [[a]]}\n",
            "agent.yaml:1: metrics.additionalLabels[0]: expected a string, found a list"),
        BadConfiguration(
            "event: {probes: [{name: tcpresett}]}\n",
            "agent.yaml:1: event.probes[0].name: unknown event probe 'tcpresett', did you mean 'tcpreset'? allowed are "
                + "biolatency, conntrack, kernellatency, netiftxlat, packetloss, socketlatency, softirq, tcpreset, "
                + "tcpretrans, virtcmdlatency, watch"),
        BadConfiguration(
            "event: {probes: [{name: tcp}]}\n",
            "agent.yaml:1: event.probes[0].name: unknown event probe 'tcp'; allowed are "
                + "biolatency, conntrack, kernellatency, netiftxlat, packetloss, socketlatency, softirq, tcpreset, "
                + "tcpretrans, virtcmdlatency, watch"),
        BadConfiguration(
            "event:\n  probes:\n  - name: watch\n  - name: WATCH\n",
            "agent.yaml:4: event.probes[1]: probe 'watch' is listed twice, first in line 3"),
        BadConfiguration(
            "event: {probes: [{name: watch, args: {patience: 2h}}]}\n",
            "agent.yaml:1: event.probes[0].args.patience: expected a duration from 1ms to 60s, such as 500ms, 3s or 1m, "
                + "found the string \"2h\""),
        BadConfiguration(
            "event: {probes: [{name: watch, source: ebpf}]}\n",
            "agent.yaml:1: event.probes[0].source: unknown key 'source'; allowed are name, args"),
        BadConfiguration(
            "event:\n  probes:\n  - {name: watch, args: {depth: 3}}\nmetrics:\n  probes:\n  - {name: watch, args: {depth: 4}}\n",
            "agent.yaml:3: event.probes[0].args.depth: probe 'watch' runs once for metrics and events; this value and that "
                + "under metrics.probes differ, give one"),
        BadConfiguration(
            "event: {sinks: [{name: file}]}\n",
            "agent.yaml:1: event.sinks[0].args.path: missing, it must be given"),
        BadConfiguration(
            "event: {sinks: [{name: file, args: {maxSize: 1}}]}\n",
            "agent.yaml:1: event.sinks[0].args.path: missing, it must be given"),
        BadConfiguration(
            "event:\n  sinks:\n  - name: file\n    args:\n      maxSize: 1\n      path: events.json\n",
            "agent.yaml:6: event.sinks[0].args.path: 'events.json' is no path of a file, an absolute one is needed"),
        BadConfiguration(
            "event: {sinks: [{name: file, args: {path: [5]}}]}\n",
            "agent.yaml:1: event.sinks[0].args.path: expected a string, found a list"),
        BadConfiguration(
            "event: {sinks: [{name: stderr, args: {path: /x}}]}\n",
            "agent.yaml:1: event.sinks[0].args.path: unknown key 'path'; none is allowed here"),
        BadConfiguration(
            "admin: /run/skoop/agent.sock\n",
            "agent.yaml:1: admin: expected [tcp://]host:port, :port, [IPv6]:port or unix:///path, or none, found the string "
                + "\"/run/skoop/agent.sock\""),
        BadConfiguration(
            "limits: {eventRate: -1}\n",
            "agent.yaml:1: limits.eventRate: expected a whole number from 0 to 10000000, found -1"),
        BadConfiguration(
            "event: {sinks: [{name: kafka}]}\n",
            "agent.yaml:1: event.sinks[0].name: unknown event sink 'kafka'; allowed are file, loki, stderr"),
        BadConfiguration(
            "event: {sinks: [{name: file, args: [a]}]}\n",
            "agent.yaml:1: event.sinks[0].args: expected a mapping of keys to values, found a list"),
        BadConfiguration(
            "limits: {series: 0}\n",
            "agent.yaml:1: limits.series: expected a whole number from 1 to 100000000, found 0"),
        BadConfiguration(
            "port: 1\nport: 2\n", "agent.yaml:2: key 'port' occurs twice, first in line 1"),
        BadConfiguration(
            "port: [\n", "agent.yaml:2: not YAML: while parsing a flow node: did not find expected node content"),
        BadConfiguration(
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  config.yaml: |\n    port: 9102\n    prot: 1\n",
            "agent.yaml:6: prot: unknown key 'prot', did you mean 'port'? allowed are \(rootKeys)"),
    ]
}
