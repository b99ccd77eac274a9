// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// The events of a log with one JSON text per line; see ``EventLine``. Lines that cannot be read cost themselves only.
public struct EventPage: Sendable {
    /// The events in the order of their lines.
    public private(set) var events: [Event] = []
    /// What was read and what was not.
    public private(set) var reading = Reading()

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - bytes: lines; a `event: ` before the JSON, as KubeSkoop's sink for standard error writes it, is skipped.
    ///   - node: the node's name, where an event does not say it.
    public init(_ bytes: some Collection<UInt8>, node: String = "") {
        let lead = Array("event: ".utf8)
        for (number, line) in Array(bytes).split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let json = line.starts(with: lead) ? line.dropFirst(lead.count) : line
            guard json.contains(where: { $0 > 0x20 }) else { continue }
            add(json, node: node, line: number + 1)
        }
    }

    private mutating func add(_ json: some Collection<UInt8>, node: String, line: Int) {
        do throws(EventLine.Mistake) {
            events.append(try EventLine.read(json, node: node))
            reading.samples += 1
        } catch {
            switch error {
            case .unknownType(let name): reading.addUnknown(name)
            case .malformed(let message): reading.add(problem: message, line: line)
            }
        }
    }
}
