// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopEvents
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import SkoopYAML
import Testing

@testable import SkoopAgent

@Suite struct ConfigurationTests {
    /// The probes that the fixtures may run; `tcpext` has an old name, `qdisc` arguments.
    static let known: KnownProbes = {
        let plain = ["conntrack", "netdev", "io", "sock", "tcpsummary", "tcp", "udp", "rdma"]
        // Other sinks are there or not as the build has them.
        var known = KnownProbes(
            plain.map { definition($0, sources: [.onePass, .procfs]) }, sinks: SinkKind.builtIn)
        known.definitions.append(definition("tcpext", aliases: ["tcpExtended"]))
        known.definitions.append(
            definition(
                "qdisc", sources: [.netlink],
                arguments: [
                    ProbeArgument("devices", .list(of: []), help: ""), ProbeArgument("perDevice", .bool, help: ""),
                    ProbeArgument("depth", .integer(1...8), help: ""), ProbeArgument("title", .string, help: ""),
                    ProbeArgument("kinds", .list(of: ["rx", "tx"]), help: ""),
                ]))
        var watch = definition(
            "watch", sources: [.ebpf],
            arguments: [
                ProbeArgument("patience", .duration(.milliseconds(1)...(.seconds(60))), help: ""),
                ProbeArgument("depth", .integer(1...8), help: ""),
            ])
        watch.events = PacketlossEvent.types
        known.definitions.append(watch)
        known.planned = [
            "flow": "flow", "packetloss": "packetloss", "tcpretrans": "tcpretrans", "net_softirq": "softirq",
        ]
        return known
    }()

    func read(_ text: String) throws -> Configuration {
        try Configuration(yaml: text, file: "agent.yaml", known: Self.known)
    }

    @Test func nothingIsTheDefaults() throws {
        for text in ["", "# only a comment\n", "metrics:\nevent:\nlimits:\n"] {
            var configuration = try read(text)
            configuration.origin = .init()
            #expect(configuration == Configuration())
        }
        #expect(Configuration().address == .tcp(host: "", port: 9102))
        #expect(Configuration().metrics.probes.map(\.name) == ProbeRegistry.defaultNames)
        #expect(Configuration().warning == nil)
    }

    @Test func theACKConfigMapStarts() throws {
        let configuration = try read(ConfigurationFixtures.ackConfigMap)
        #expect(
            configuration.metrics.probes.map(\.name) == [
                "conntrack", "qdisc", "netdev", "io", "sock", "tcpsummary", "tcp", "tcpext", "udp", "rdma",
            ])
        #expect(configuration.address == .tcp(host: "", port: 9102))
        #expect(configuration.warning == "known but not built yet, ignored: the controller")
    }

    @Test func helmsDefaultsStart() throws {
        let configuration = try read(ConfigurationFixtures.helm)
        #expect(configuration.debugMode)
        #expect(
            configuration.metrics.probes.map(\.name) == [
                "conntrack", "qdisc", "io", "netdev", "tcpext", "tcp", "udp", "sock", "tcpsummary",
            ])
        #expect(
            configuration.notices.map(\.subject) == [
                "the controller", "metrics probe flow", "metrics probe packetloss", "metrics probe tcpretrans",
                "event probe packetloss", "event probe tcpretrans", "event probe tcpreset", "event sink loki",
            ])
        #expect(configuration.warning?.contains("\n") == false)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try read(
            """
            debugMode: yes
            address: tcp://[::1]:9103
            node: worker-1
            controllerAddr: dns:elsewhere:1
            metrics:
              deadline: 1500ms
              mapping: /etc/skoop/mapping.yaml
              compatNames: [ack, v0]
              additionalLabels: ["app=${labels:app}", 'zone = eu']
              probes:
                - name: TCP
                  source: procfs
                  deadline: 1s
                - name: tcpextended
                  source: auto
                - name: qdisc
                  args: {Devices: [eth0, 7], perdevice: true, depth: 8, title: 'on', kinds: [tx]}
                - name: net_softirq
            limits:
              seriesPerFamily: 7
              series: 8
              scrapes: 9
              connections: 10
            """)
        #expect(configuration.debugMode)
        #expect(configuration.address == .tcp(host: "::1", port: 9103))
        #expect(configuration.node == "worker-1")
        #expect(configuration.metrics.deadline == .milliseconds(1500))
        #expect(configuration.metrics.mapping == "/etc/skoop/mapping.yaml")
        #expect(configuration.metrics.additionalLabels.names == ["app", "zone"])
        #expect(configuration.metrics.compatNames == [.ack, .v0])
        let arguments: [String: ArgumentValue] = [
            "devices": .list(["eth0", "7"]), "perDevice": .bool(true), "depth": .integer(8), "title": .string("on"),
            "kinds": .list(["tx"]),
        ]
        #expect(
            configuration.metrics.probes == [
                .init("tcp", source: .procfs, deadline: .seconds(1)), .init("tcpext"),
                .init("qdisc", arguments: arguments),
            ])
        #expect(configuration.notices == [.init(key: "metrics.probes[3]", subject: "metrics probe softirq")])
        #expect(configuration.limits.seriesPerFamily == 7 && configuration.limits.series == 8)
        #expect(configuration.limits.scrapes == 9 && configuration.limits.connections == 10)
    }

    @Test func eventsAreRead() throws {
        let configuration = try read(
            """
            admin: 127.0.0.1:9103
            metrics:
              probes:
              - name: tcp
              - name: watch
                args: {depth: 3}
                deadline: 1s
            event:
              probes:
              - name: Watch
                args: {patience: 250ms, depth: 3}
              - name: tcpreset
              sinks:
              - name: stderr
              - name: file
                args: {path: /var/log/events.json, maxSize: 7}
              - name: loki
                args: {addr: x}
            limits:
              eventRate: 0
              eventBurst: 2
              eventWindow: 0s
              eventQueue: 3
              eventHistory: 4
            """)
        #expect(configuration.admin == .tcp(host: "127.0.0.1", port: 9103))
        #expect(
            configuration.event.probes == [
                .init("watch", arguments: ["patience": .duration(.milliseconds(250)), "depth": .integer(3)])
            ])
        #expect(
            configuration.event.sinks == [
                .init("stderr"),
                .init("file", arguments: ["path": .string("/var/log/events.json"), "maxSize": .integer(7)]),
            ])
        #expect(configuration.notices.map(\.subject) == ["event probe tcpreset", "event sink loki"])
        let limits = configuration.limits.events
        #expect(limits.rate == 0 && limits.burst == 2 && limits.foldWindow == .zero)
        #expect(limits.queue == 3 && limits.history == 4)
        #expect(configuration.runs.map(\.settings.name) == ["tcp", "watch"])
        #expect(configuration.runs.map(\.purpose) == [.metrics, [.metrics, .events]])
        #expect(configuration.runs[1].settings.deadline == .seconds(1))
        #expect(
            configuration.runs[1].settings.arguments == [
                "patience": .duration(.milliseconds(250)), "depth": .integer(3),
            ])
        #expect(try read("admin: none").admin == nil)
        #expect(try read("event: {probes: []}").event.probes.isEmpty)
        #expect(Configuration().admin == .unix(path: "/run/skoop/agent.sock"))
    }

    @Test func kubeSkoopsEventProbesRun() throws {
        let configuration = try Configuration(yaml: ConfigurationFixtures.helm, file: "helm.yaml")
        #expect(configuration.event.probes.map(\.name).contains("packetloss"))
        #expect(configuration.runs.first { $0.settings.name == "packetloss" }?.purpose == [.metrics, .events])
        // Without a word about events those at little cost are reported.
        let ack = try Configuration(yaml: ConfigurationFixtures.ackConfigMap, file: "ack.yaml")
        #expect(ack.event.probes.map(\.name) == ProbeRegistry.defaultEventNames && ack.event.sinks.isEmpty)
        #expect(ProbeRegistry.defaultEventNames.contains("packetloss"))
    }

    @Test func whatKubeSkoopHasIsKnown() {
        let known = KnownProbes()
        let spellings = Set(known.definitions.flatMap { [$0.name] + $0.aliases }).union(known.planned.keys)
        for name in [
            "conntrack", "qdisc", "fd", "io", "ipvs", "netdev", "tcpext", "tcp", "udp", "ip", "sock", "softnet",
            "tcpsummary", "rdma", "flow", "packetloss", "tcpretrans", "kernellatency", "socketlatency", "softirq",
            "netiftxlat", "virtcmdlatency", "net_softirq",
        ] {
            #expect(spellings.contains(name), "\(name)")
        }
        #expect(!spellings.contains("self"))
        #expect(ProbeRegistry.defaultNames.allSatisfy { known.definition(of: $0) != nil })
    }

    @Test func theDocumentedExamplesAreRead() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guide = try String(contentsOf: root.appending(path: "Documentation/configuration.md"), encoding: .utf8)
        let blocks = guide.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        try #require(blocks.count == 3)
        var defaults = try Configuration(yaml: blocks[0], file: "guide")
        #expect(defaults.origin.lines["address"] == 2)
        defaults.origin = .init()
        #expect(defaults == Configuration())
        #expect(try Configuration(yaml: blocks[1], file: "guide").metrics.probes.map(\.name) == ["netdev", "tcp"])
        #expect(try MappingFile.parse(blocks[2], file: "guide").map(\.podName) == ["web-1", "db-0"])
    }

    @Test(arguments: [
        ("pods: [{k8s_pod: a}]", "m.yaml:1: pods[0]: expected either netns or container"),
        (
            "pods: [{netns: blue, container: 3f2504e04f89, k8s_pod: a}]",
            "m.yaml:1: pods[0]: expected either netns or container"
        ),
        ("pods: [{netns: blue}]", "m.yaml:1: pods[0]: k8s_pod is empty, a name is needed"),
        (
            "pods:\n- {netns: blue, k8s_pod: a}\n- {netns: blue, k8s_pod: b}",
            "m.yaml:3: pods[1]: netns \"blue\" is mapped twice, first in line 2"
        ),
        (
            "pods: [{netns: blue, k8s_pod: a, labels: {x: [1]}}]",
            "m.yaml:1: pods[0].labels.x: expected a string, found a list"
        ),
        (
            "pod: []", "m.yaml:1: pod: unknown key 'pod', did you mean 'pods'? allowed are pods"
        ),
    ]) func badMappingsGetOneClearLine(_ text: String, _ message: String) {
        let error = #expect(throws: ConfigurationErrors.self) { try MappingFile.parse(text, file: "m.yaml") }
        #expect(error?.description == message)
    }

    @Test func aFileThatCannotBeReadIsExplained() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path + "/missing.yaml"
        let error = #expect(throws: ConfigurationErrors.self) { try Configuration(file: missing, known: Self.known) }
        #expect(
            error?.description
                == "\(missing): cannot be read, a readable file is needed: open \(missing): no such file or directory")
        let mapped = try read("metrics:\n  mapping: \(missing)\n")
        #expect(
            #expect(throws: ConfigurationErrors.self) { try mapped.mappings() }?.description.hasPrefix(
                "agent.yaml:2: metrics.mapping: cannot be read, a readable file is needed: open \(missing): ") == true)
        let path = directory.path
        #expect(throws: ConfigurationErrors.self) { try Configuration(file: path, known: Self.known) }
        #expect(throws: ConfigurationErrors.self) { try Configuration(file: "/dev/zero", known: Self.known) }
    }

    @Test func whatTheAgentCannotListenOnIsFoundInTheFile() throws {
        func text(_ yaml: String) throws -> String {
            let configuration = yaml.isEmpty ? Configuration() : try read(yaml)
            return configuration.error(ListenError(configuration.address, "another process listens there")).description
        }
        let cause = "cannot listen on :80: another process listens there"
        #expect(try text("node: a\naddress: ':80'\n") == "agent.yaml:2: address: " + cause)
        #expect(try text("port: 80\n") == "agent.yaml:1: port: " + cause)
        #expect(try text("node: a\n").hasPrefix("agent.yaml: address: cannot listen on :9102: "))
        #expect(try text("").hasPrefix("address: cannot listen on :9102: "))
        let map = "kind: ConfigMap\ndata:\n  config.yaml: |\n    debugMode: false\n    port: 80\n"
        #expect(try text(map) == "agent.yaml:5: port: " + cause)
    }

    @Test func aFileOfTypesIsCheckedAtOnce() throws {
        let directory = try TemporaryDirectory()
        try directory.write("btf: \(KernelBTF.systemPath)\n", to: "good.yaml")
        #expect(try Configuration(file: directory.path + "/good.yaml").btf == KernelBTF.systemPath)
        for (name, reason) in [
            ("/none", "cannot be read: No such file or directory [errno 2]"),
            ("/good.yaml", "neither BTF of this machine's byte order nor an ELF file with a .BTF section"),
        ] {
            try directory.write("node: a\nbtf: \(directory.path + name)\n", to: "bad.yaml")
            let file = directory.path + "/bad.yaml"
            let error = #expect(throws: ConfigurationErrors.self) { try Configuration(file: file) }
            #expect(
                error?.description
                    == "\(file):2: btf: expected type information of this kernel: \(directory.path + name): \(reason)")
        }
    }

    @Test(arguments: BadConfiguration.all) func badInputGetsOneClearLine(_ bad: BadConfiguration) {
        let error = #expect(throws: ConfigurationErrors.self) { try read(bad.text) }
        #expect(error?.description == bad.message)
    }

    @Test func everyFaultIsNamedInTheOrderOfLines() {
        let error = #expect(throws: ConfigurationErrors.self) {
            try read("limits: {series: 0}\nport: x\nmetrics:\n  probes: [{name: tpc}]\n")
        }
        #expect(error?.errors.map(\.line) == [1, 2, 4])
    }

    @Test(arguments: [
        ("0.0.0.0:9102", ListenAddress.tcp(host: "0.0.0.0", port: 9102)), (":1", .tcp(host: "", port: 1)),
        ("tcp://host.example:65535", .tcp(host: "host.example", port: 65535)),
        ("[fe80::1%eth0]:80", .tcp(host: "fe80::1%eth0", port: 80)),
        ("unix:///run/skoop/agent.sock", .unix(path: "/run/skoop/agent.sock")),
    ]) func addressesAreRead(_ text: String, _ address: ListenAddress) {
        #expect(ListenAddress(text) == address)
        #expect(ListenAddress(address.description) == address)
    }

    @Test(arguments: [
        "", "9102", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "[::1]", "[1.2.3.4]:80", "a b:1",
        "unix://relative", "unix:///dir/", "http://host:80", "unix:///" + String(repeating: "a", count: 108), "h:+1",
    ]) func otherAddressesAreNot(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
