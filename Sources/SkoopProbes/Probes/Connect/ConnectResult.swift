// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// What became of an attempt to connect: `enum skoop_connect_result`.
enum ConnectResult: UInt32, CaseIterable, Sendable {
    case established, refused, timeout, unreachable, prohibited, noPort, closed, failed, waiting

    /// The value of the label and of the event's field.
    var label: String { self == .noPort ? "no-port" : "\(self)" }

    /// The event that tells of it.
    var event: ConnectEvent {
        switch self {
        case .established: .slow
        case .closed: .abandoned
        case .waiting: .noAnswer
        default: .failed
        }
    }
}

extension ProbeEvent {
    /// An event of the program `connect`.
    static func connect(_ record: RawSpan) -> ProbeEvent? {
        guard let record = record.load(as: skoop_connect_event.self),
            let result = ConnectResult(rawValue: record.result)
        else { return nil }
        let error = record.error == 0 ? nil : ConnectError.name(record.error)
        let latency = record.latency == 0 ? nil : record.latency
        let ends = MessageText.ends(PacketTuple(record.event.tuple))
        var message = "connect \(result.label) \(ends)syn_retransmits=\(record.retransmits)"
        if let error { message += " error=\(error)" }
        if let latency { message += " latency=\(MessageText.duration(latency))" }
        return ProbeEvent(
            result.event.type, record.event,
            values: [
                .string(result.label), error.map(EventValue.string), latency.map(EventValue.duration),
                .integer(Int64(record.retransmits)),
            ], message: message)
    }
}
