// SPDX-License-Identifier: Apache-2.0
internal import SkoopSystem

/// One line of `/proc/net/softnet_stat`: receive processing of one online CPU, `net/core/net-procfs.c`.
///
/// All numbers are hexadecimal and of 32 bits; counters wrap. Columns were only ever added: `received_rps` with 2.6.35,
/// `flow_limit` with 3.11, the backlog's length and the CPU's number with 5.10, the backlog's two queues with 6.5.
struct SoftnetRow {
    /// How many counters there are.
    static let width = 5
    /// The columns, from 0, of the counters in the order of ``SoftnetExtraMetric``.
    private static let counterColumns: InlineArray<5, Int> = [0, 1, 2, 9, 10]

    private var columns = InlineArray<13, UInt32>(repeating: 0)
    private var count = 0
    private let number: Int

    /// The CPU's number.
    var cpu: Int { count > 12 ? Int(columns[12]) : number }

    /// Packets in the backlog; `nil` before 5.10.
    var backlog: UInt32? { count > 11 ? columns[11] : nil }

    /// A counter; `nil` where the kernel has no such column.
    func counter(_ position: Int) -> UInt32? {
        let column = Self.counterColumns[position]
        return column < count ? columns[column] : nil
    }

    /// Parses a line; `nil` where it has not the expected form.
    ///
    /// - Parameter number: the line's number from 0, the CPU where the kernel does not say and all are online.
    init?(line: Span<UInt8>, number: Int) {
        self.number = number
        var scanner = ByteScanner(line)
        while let token = scanner.token() {
            guard let value = token.hexadecimal.flatMap({ UInt32(exactly: $0) }) else { return nil }
            if count < columns.count { columns[count] = value }
            count += 1
        }
        guard count >= 9 else { return nil }
    }
}

/// A counter of 32 bits in the kernel, continued to 64.
struct WidenedCounter: Equatable {
    private var last: UInt32
    /// The continued value.
    private(set) var value: UInt64

    /// Begins with what the kernel has.
    init(_ reading: UInt32) {
        last = reading
        value = UInt64(reading)
    }

    /// Takes in the next reading; at most one wrap lies between two.
    mutating func update(_ reading: UInt32) {
        value += UInt64(reading &- last)
        last = reading
    }
}
