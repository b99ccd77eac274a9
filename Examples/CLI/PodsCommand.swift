// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAgent

/// `skoop pods`: who is on this host, and by which evidence.
struct PodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pods",
        abstract: "Lists pods, containers and network namespaces of this host, and how they are known.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        noteMissingPrivilege()
        let pods = try HostPods()
        print(json ? pods.json : pods.text, terminator: "")
    }
}

/// `skoop explain-identity`: why a process, an address or a namespace counts as whose it does.
struct ExplainIdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain-identity",
        abstract: "Says whose a process, an address or a network namespace is, and why.")

    @Argument(help: "A process number, an address, or a namespace: number, net:[number], mount name or path.")
    var subject: String

    func run() throws {
        noteMissingPrivilege()
        print(try HostPods().explain(subject), terminator: "")
    }
}
