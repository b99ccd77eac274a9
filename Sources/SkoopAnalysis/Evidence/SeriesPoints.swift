// SPDX-License-Identifier: Apache-2.0

/// The values of one series over the steps of a history, as the steps at which they changed.
///
/// Most series of most pods never change and cost nothing beyond their first value; the others take two to four bytes a
/// change: how many steps since the last one, and the difference, both in bytes of seven bits.
struct SeriesPoints: Sendable {
    private var steps: (first: Int32, end: Int32, lastChange: Int32)
    private var firstValue: UInt64
    private(set) var lastValue: UInt64
    private var bytes: [UInt8] = []

    /// Starts at a step.
    init(first step: Int, value: UInt64) {
        steps = (Int32(step), Int32(step + 1), Int32(step))
        firstValue = value
        lastValue = value
    }

    /// The step of the first value.
    var first: Int { Int(steps.first) }
    /// The first step at which the series was not there any more, as far as the history goes.
    private(set) var end: Int {
        get { Int(steps.end) }
        set { steps.end = Int32(newValue) }
    }
    /// The step of the last value that was another one.
    private(set) var lastChange: Int {
        get { Int(steps.lastChange) }
        set { steps.lastChange = Int32(newValue) }
    }

    /// Whether the value never changed.
    var isConstant: Bool { bytes.isEmpty }

    /// How many bytes the changes take.
    var byteCount: Int { bytes.capacity }

    /// Adds the value of a step after the last one.
    mutating func append(_ value: UInt64, at step: Int) {
        end = step + 1
        guard value != lastValue else { return }
        // By less than by twice as much, as arrays grow by themselves.
        if bytes.count + Self.mostBytes > bytes.capacity {
            bytes.reserveCapacity(bytes.count + bytes.count / 4 + Self.mostBytes)
        }
        Self.write(UInt64(step - lastChange), to: &bytes)
        let difference = Int64(bitPattern: value &- lastValue)
        Self.write(UInt64(bitPattern: difference << 1 ^ difference >> 63), to: &bytes)
        lastChange = step
        lastValue = value
    }

    /// Calls `body` with each step at which the value changed and the new value, the first value first.
    func forEachChange(_ body: (_ step: Int, _ value: UInt64) -> Void) {
        var change: (step: Int, value: UInt64)? = (first, firstValue)
        var position = 0
        while let last = change {
            body(last.step, last.value)
            change = self.change(after: last, &position)
        }
    }

    /// Reads the values in the order of steps.
    struct Cursor: Sendable {
        private let points: SeriesPoints
        private var position = 0
        private var value: UInt64
        /// The next change, already read.
        private var next: (step: Int, value: UInt64)?

        init(_ points: SeriesPoints) {
            self.points = points
            value = points.firstValue
            next = (points.first, points.firstValue)
        }

        /// The value at a step that is not before the last one asked for; nil where the series is not there.
        mutating func value(at step: Int) -> UInt64? {
            while let change = next, change.step <= step {
                value = change.value
                next = points.change(after: change, &position)
            }
            return step >= points.first && step < points.end ? value : nil
        }
    }

    private func change(after last: (step: Int, value: UInt64), _ position: inout Int) -> (step: Int, value: UInt64)? {
        guard position < bytes.count else { return nil }
        let step = last.step + Int(Self.read(bytes, &position))
        let coded = Self.read(bytes, &position)
        return (step, last.value &+ UInt64(bitPattern: Int64(bitPattern: coded >> 1) ^ -Int64(bitPattern: coded & 1)))
    }

    /// The same without what lies before a step; nil when nothing is left.
    func dropping(before step: Int) -> SeriesPoints? {
        guard end > step else { return nil }
        guard first < step else { return self }
        var kept: SeriesPoints?
        var before = firstValue
        forEachChange { changed, value in
            if changed <= step {
                before = value
            } else {
                if kept == nil { kept = SeriesPoints(first: step, value: before) }
                kept?.append(value, at: changed)
            }
        }
        var result = kept ?? SeriesPoints(first: step, value: before)
        result.end = end
        return result
    }

    /// Two numbers of 64 bits in bytes of seven.
    private static let mostBytes = 20

    private static func write(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func read(_ bytes: [UInt8], _ position: inout Int) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }
}
