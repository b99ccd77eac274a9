// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import SkoopSystem

/// Parses the three files of SNMP counters; remembers the header lines it has seen, which are the same in all namespaces.
struct MIBTextParser: Sendable {
    private struct Header: Sendable {
        var line: [UInt8]
        /// The wanted column of each field of the line, -1 where it is not wanted.
        var columns: [Int]
        var wanted: Int
    }

    /// The wanted counters, the columns.
    let counters: [MIBCounter]
    /// The files that have them, below a process's directory.
    let files: [String]
    /// Wanted columns by name: `Tcp.RetransSegs` in tables with header lines, `Ip6InReceives` in snmp6.
    private let columns: [[UInt8]: Int]
    private let tables: Set<[UInt8]>
    private var headers: [Header] = []
    /// Name and wanted column of each line of the last snmp6, which is the same in all namespaces but for ICMP types.
    private var pairs: [(name: [UInt8], column: Int)] = []

    init(_ counters: [MIBCounter]) {
        self.counters = counters
        var columns: [[UInt8]: Int] = [:]
        for (column, counter) in counters.enumerated() {
            let separator = counter.table.file == "snmp6" ? "" : "."
            columns[Array((counter.table.rawValue + separator + counter.field).utf8)] = column
        }
        self.columns = columns
        let used = Set(counters.map(\.table))
        tables = Set(used.map { Array($0.rawValue.utf8) })
        files = ["snmp", "netstat", "snmp6"].filter { file in used.contains { $0.file == file } }.map { "net/" + $0 }
    }

    /// Parses a file and hands over each wanted value with its column.
    ///
    /// - Returns: how many lines or values had not the expected form.
    mutating func parse(_ bytes: Span<UInt8>, of file: String, _ body: (Int, UInt64) -> Void) -> UInt64 {
        file == "net/snmp6" ? parsePairs(bytes, body) : parseTables(bytes, body)
    }

    /// Pairs of lines: `Tcp: RtoAlgorithm RtoMin …` and `Tcp: 1 200 …`.
    private mutating func parseTables(_ bytes: Span<UInt8>, _ body: (Int, UInt64) -> Void) -> UInt64 {
        var scanner = ByteScanner(bytes)
        var malformed: UInt64 = 0
        var number = -1
        while let names = scanner.line() {
            number += 1
            guard let header = header(names, at: number) else {
                malformed += 1
                // What is no header line is skipped alone: the next pair is found again behind it.
                continue
            }
            var ahead = scanner
            guard let values = ahead.line(), values.hasFirstToken(of: names) else {
                malformed += 1
                continue
            }
            scanner = ahead
            if headers[header].wanted > 0 { malformed += parseValues(values, headers[header].columns, body) }
        }
        return malformed
    }

    private func parseValues(_ line: Span<UInt8>, _ columns: [Int], _ body: (Int, UInt64) -> Void) -> UInt64 {
        var fields = ByteScanner(line)
        fields.skipTokens(1)
        // A line of another length than its header would put values under wrong names: count before believing.
        var counter = fields
        var count = 0
        while counter.token() != nil { count += 1 }
        guard count == columns.count else { return 1 }
        var malformed: UInt64 = 0
        for column in columns {
            guard column >= 0 else {
                fields.skipTokens(1)
                continue
            }
            if let value = fields.decimal() { body(column, value) } else { malformed += 1 }
        }
        return malformed
    }

    /// The position of the known header equal to `line`, learnt where it is new; `nil` for what cannot be a header.
    private mutating func header(_ line: Span<UInt8>, at number: Int) -> Int? {
        // The headers come in the same order in every namespace, but for those that only some have.
        if number < headers.count, line.equals(headers[number].line) { return number }
        for index in headers.indices where line.equals(headers[index].line) { return index }
        var fields = ByteScanner(line)
        guard let prefix = fields.token(), prefix.count > 1, prefix[prefix.count - 1] == UInt8(ascii: ":") else {
            return nil
        }
        let table = prefix.extracting(droppingLast: 1).array
        var header = Header(line: line.array, columns: [], wanted: 0)
        let isWanted = tables.contains(table)
        while let name = fields.token() {
            guard name[0] < UInt8(ascii: "0") || name[0] > UInt8(ascii: "9"), name[0] != UInt8(ascii: "-") else {
                return nil
            }
            let column = isWanted ? columns[table + [UInt8(ascii: ".")] + name.array] ?? -1 : -1
            header.columns.append(column)
            if column >= 0 { header.wanted += 1 }
        }
        // Headers without end would come from no kernel; the cache stays small whatever the input.
        if headers.count >= 64 { headers.removeAll(keepingCapacity: true) }
        headers.append(header)
        return headers.count - 1
    }

    /// Lines of a name and a value: `Ip6InReceives     17`.
    private mutating func parsePairs(_ bytes: Span<UInt8>, _ body: (Int, UInt64) -> Void) -> UInt64 {
        var scanner = ByteScanner(bytes)
        var malformed: UInt64 = 0
        var number = 0
        while let line = scanner.line() {
            var fields = ByteScanner(line)
            guard let name = fields.token() else {
                malformed += 1
                continue
            }
            let column = pairColumn(of: name, at: number)
            number += 1
            guard column >= 0 else { continue }
            guard let value = fields.decimal(), fields.token() == nil else {
                malformed += 1
                continue
            }
            body(column, value)
        }
        return malformed
    }

    private mutating func pairColumn(of name: Span<UInt8>, at number: Int) -> Int {
        if number < pairs.count, name.equals(pairs[number].name) { return pairs[number].column }
        let name = name.array
        let column = columns[name] ?? -1
        // No kernel has so many lines; the memory stays small whatever the input.
        if number < pairs.count {
            pairs[number] = (name, column)
        } else if number == pairs.count, number < 1024 {
            pairs.append((name, column))
        }
        return column
    }
}

extension Span<UInt8> {
    /// Whether the first token is the same as in `other`.
    fileprivate func hasFirstToken(of other: Span<UInt8>) -> Bool {
        var (mine, theirs) = (ByteScanner(self), ByteScanner(other))
        guard let one = mine.token(), let two = theirs.token() else { return false }
        return one.equals(two)
    }
}
