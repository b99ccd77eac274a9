// SPDX-License-Identifier: Apache-2.0
import Foundation

extension LabHost {
    /// The kernel's counters of the namespace as its procfs files show them, for example `Tcp.OutRsts`,
    /// `TcpExt.ListenOverflows` and `Udp6InErrors`.
    ///
    /// Read by a parser for tests, from `snmp`, `netstat` and `snmp6`: a witness beside the probes.
    public func counters() throws -> KernelCounters {
        var values: [String: Int] = [:]
        for file in ["snmp", "netstat"] {
            let lines = try text(file).split(separator: "\n").map { $0.split(separator: " ") }
            for (names, row) in zip(lines, lines.dropFirst()) where names.first == row.first {
                let group = names[0].dropLast()
                for (name, value) in zip(names, row).dropFirst() { values["\(group).\(name)"] = Int(value) }
            }
        }
        for line in try text("snmp6").split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.count == 2 { values[String(words[0])] = Int(words[1]) }
        }
        return KernelCounters(values: values)
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "/proc/\(pid)/net/\(file)", encoding: .utf8)
    }
}

/// The kernel's counters at a moment.
public struct KernelCounters: Sendable, Hashable {
    /// The values by name.
    public var values: [String: Int]

    /// A counter; 0 where this kernel does not have it.
    public subscript(_ name: String) -> Int { values[name] ?? 0 }

    /// By how much each counter that moved has grown since an earlier moment.
    public func growth(since earlier: KernelCounters) -> KernelCounters {
        KernelCounters(
            values: values.reduce(into: [:]) { growth, counter in
                let difference = counter.value - (earlier.values[counter.key] ?? 0)
                if difference != 0 { growth[counter.key] = difference }
            })
    }
}
