// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Reads SNMP counters of every namespace from `/proc/<pid>/net/snmp`, `netstat` and `snmp6`.
///
/// Columns are found by the header lines, so that the order and number of a kernel's counters do not matter. One read
/// costs the kernel 35 to 80 microseconds per namespace and file. May be used by several threads at once.
public struct ProcMIBReader: Sendable {
    private let host: ProbeEnvironment.HostPaths
    private let layout: MIBTextParser

    /// Makes a reader of the wanted counters.
    public init(_ counters: [MIBCounter], host: ProbeEnvironment.HostPaths = .init()) {
        self.host = host
        layout = MIBTextParser(counters)
    }

    /// Reads all namespaces; one that has gone meanwhile has no row.
    ///
    /// What has not the expected form is missing from its row and counted in the scrape's problems.
    public func read(_ scrape: Scrape) -> MIBTable {
        var parser = layout
        var table = MIBTable(counters: parser.counters)
        var seen: [Bool] = []
        var buffer = FileBuffer()
        let width = parser.counters.count
        table.values.reserveCapacity(width * scrape.census.inventory.namespaces.count)
        let files = NamespaceFiles(host, scrape)
        files.forEach { position, directory in
            table.namespaces.append(scrape.census.inventory.namespaces[position].id)
            table.values.append(contentsOf: repeatElement(0, count: width))
            seen.append(contentsOf: repeatElement(false, count: width))
            let row = table.values.count - width
            for file in parser.files {
                files.parse(file, in: directory, &buffer) { text in
                    parser.parse(text, of: file) { column, value in
                        table.values[row + column] = value
                        seen[row + column] = true
                    }
                }
            }
        }
        for position in seen.indices where seen[position] { table.available[position % max(width, 1)] = true }
        for position in seen.indices where !seen[position] && table.available[position % width] {
            table.lost.insert(position)
        }
        return table
    }
}
