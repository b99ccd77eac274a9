// SPDX-License-Identifier: Apache-2.0
import SkoopExport
public import SkoopModel
import SkoopSystem

/// Writes `event: ` and the event as JSON to standard error, a line for each.
public struct StderrSink: Sink {
    /// Without arguments.
    public static let definition = SinkDefinition("stderr", "one line on standard error for each event")

    /// Standard error.
    public let target = "stderr"
    private var encoder = EventEncoder()

    /// Needs nothing.
    public init(_ environment: SinkEnvironment) throws(SinkError) {}

    /// Writes lines.
    public mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
        var delivered = 0
        for event in events {
            let line = Array("event: ".utf8) + encoder.encode(event) + [UInt8(ascii: "\n")]
            do throws(SystemError) {
                // A write of its own for each, so that lines of other threads come between and not inside.
                try StandardStream.error.write(line[...])
            } catch {
                let error = SinkError(.unwritable, error.description)
                guard delivered > 0 else { throw error }
                return SinkReceipt(delivered: delivered, error: error)
            }
            delivered += 1
        }
        return SinkReceipt(delivered: delivered)
    }
}
