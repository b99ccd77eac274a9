// SPDX-License-Identifier: Apache-2.0
import SkoopExport
public import SkoopModel

/// Turns the lines of an access log into counters over time, one line after the other.
///
/// Its memory depends neither on the log's length nor on its time: steps become longer when there are too many.
public struct AccessReader {
    /// What was read and what was not.
    public private(set) var reading = Reading()
    /// The time of the first and the last request, in nanoseconds since 1970.
    public private(set) var range: ClosedRange<UInt64>?

    private var format: AccessFormat?
    private var clock = AccessClock()
    private var steps: [UInt64: AccessTally] = [:]
    private var step: UInt64 = 5_000_000_000
    private var number = 0
    private let mostSteps: Int

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - format: the format; nil to take the built-in one in which the first line can be read.
    ///   - mostSteps: how many steps of time there are at most.
    public init(_ format: AccessFormat? = nil, mostSteps: Int = 4096) {
        self.format = format
        self.mostSteps = max(2, mostSteps)
    }

    /// Reads a line without its end.
    public mutating func read(_ line: ArraySlice<UInt8>) {
        number += 1
        guard let line = Self.unwrapped(line), line.contains(where: { $0 > 0x20 }) else { return }
        let known = format.map { [$0] } ?? [.json, .ingress, .combined]
        for format in known {
            guard let fields = format.fields(of: line) else { continue }
            do throws(AccessLine.Mistake) {
                add(try AccessLine(fields, &clock))
                self.format = format
                return
            } catch { if known.count == 1 { return refuse(error.message) } }
        }
        refuse("not in the format of the log")
    }

    /// Notes a line that is too long to be one.
    public mutating func readOverlong() {
        number += 1
        refuse("longer than a line can be")
    }

    private mutating func refuse(_ message: String) {
        reading.add(problem: message, line: number)
        guard let last = range?.upperBound else { return }
        steps[last / step, default: AccessTally()].addMalformed()
    }

    private mutating func add(_ line: AccessLine) {
        reading.samples += 1
        range = range.map { min($0.lowerBound, line.time)...max($0.upperBound, line.time) } ?? line.time...line.time
        steps[line.time / step, default: AccessTally()].add(line)
        while steps.count > mostSteps {
            step *= 2
            var longer: [UInt64: AccessTally] = [:]
            for (position, tally) in steps { longer[position / 2, default: AccessTally()].add(tally) }
            steps = longer
        }
    }

    /// What container runtimes put around the lines of standard output; nil for lines of standard error.
    private static func unwrapped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if line.first == UInt8(ascii: "{"), line.starts(with: Array("{\"log\":".utf8)),
            let json = try? JSONValue(parsing: line)
        {
            guard json["stream"]?.string != "stderr" else { return nil }
            return json["log"]?.string.map { Array($0.utf8.prefix { $0 != 0x0a })[...] } ?? line
        }
        // CRI: a time, a stream, F or P, the line.
        let words = line.prefix(64).split(separator: 0x20, maxSplits: 3)
        guard words.count == 4, words[0].contains(UInt8(ascii: "T")), words[2].count == 1 else { return line }
        if words[1].elementsEqual("stderr".utf8) { return nil }
        return words[1].elementsEqual("stdout".utf8) ? line[words[3].startIndex...] : line
    }

    /// Counters that begin at nothing, a snapshot for each step of time in which there was a line.
    ///
    /// - Parameters:
    ///   - entity: whose log it is.
    ///   - node: on which node.
    public func snapshots(of entity: Entity, on node: String) -> [Snapshot] {
        var table = EntityTable(node: node)
        let position = entity.kind == .node ? EntityTable.nodeIndex : table.append(entity)
        var sum = AccessTally()
        let positions = steps.keys.sorted()
        guard let first = positions.first else { return [] }
        let begin = Snapshot(timestamp: first * step, entities: table, families: sum.families(for: position))
        return [begin]
            + positions.map { number in
                if let tally = steps[number] { sum.add(tally) }
                return Snapshot(
                    timestamp: (number + 1) * step, entities: table, families: sum.families(for: position))
            }
    }
}
