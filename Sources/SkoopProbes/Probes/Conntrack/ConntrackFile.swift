// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

extension ConntrackReading {
    /// Reads `/proc/net/stat/nf_conntrack`: a line of names, then one of hexadecimal numbers for each CPU.
    ///
    /// - Returns: `nil` where the first line has not the expected form, and how many of the others have not.
    static func parse(_ text: Span<UInt8>) -> (reading: ConntrackReading, malformed: Int)? {
        var scanner = ByteScanner(text)
        guard let header = scanner.line() else { return nil }
        var names = ByteScanner(header)
        var columns: [ConntrackCounter?] = []
        var isCountingIgnored = true
        guard let first = names.token(), first.equals("entries") else { return nil }
        while let name = names.token() {
            let counter = ConntrackCounter(column: name)
            columns.append(counter)
            // The column came in the place of another when `ignore` was no longer counted but left in the file, 5.10.
            if counter == .clashResolve { isCountingIgnored = false }
        }
        if !isCountingIgnored { columns = columns.map { $0 == .ignore ? nil : $0 } }
        var reading = ConntrackReading()
        var malformed = 0
        while let line = scanner.line() {
            var fields = ByteScanner(line)
            var values: [UInt64] = []
            while let value = fields.hexadecimal() { values.append(value) }
            guard values.count == columns.count + 1, fields.isAtEnd else {
                malformed += 1
                continue
            }
            reading.entries = values[0]
            reading.addCPU()
            for (column, value) in zip(columns, values.dropFirst()) {
                if let column { reading.set(column, UInt32(truncatingIfNeeded: value)) }
            }
        }
        return (reading, malformed)
    }
}
