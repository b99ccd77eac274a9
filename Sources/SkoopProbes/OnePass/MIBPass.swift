// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// Reads the SNMP tables of every network namespace by one run of `mib.bpf.c`.
struct MIBPass: ~Copyable {
    private var pass: NamespacePass<skoop_mib_row>

    /// Loads the program.
    ///
    /// - Parameters:
    ///   - capacity: namespaces there is room for at first.
    ///   - sys: where `/sys` is.
    init(capacity: Int = 1024, sys: String = "/sys") throws(ProbeError) {
        pass = try NamespacePass(
            .init(image: .mib, program: "read_mibs", readsPerCPU: true), capacity: capacity, sys: sys)
    }

    /// Runs the program and returns the wanted counters of all namespaces.
    mutating func read(_ counters: [MIBCounter], _ layout: MIBLayout) throws(ProbeError) -> MIBTable {
        let count = Int(try pass.run(tables: layout.tables).namespaces)
        var table = MIBTable(counters: counters)
        table.available = layout.words.map { $0 != nil }
        table.namespaces.reserveCapacity(count)
        table.values.reserveCapacity(count * counters.count)
        let words = pass.rows.words
        let columns = layout.words.map { $0 ?? 0 }
        for row in 0..<count {
            let start = row * Int(SKOOP_MIB_WORDS.rawValue)
            table.namespaces.append(NamespaceID(rawValue: words[start + Int(SKOOP_MIB_INUM.rawValue)]))
            for column in columns { table.values.append(words[start + column]) }
        }
        return table
    }
}
