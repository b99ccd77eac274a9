// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// What the numbers of `enum skoop_dns_role` and the kinds of the program's counters mean.
enum DNSCounterKind {
    /// The metric and its labels; nil for a number that means nothing.
    static func meaning(of kind: UInt32) -> (DNSMetric, [String])? {
        if kind >= SKOOP_DNS_RESPONSES.rawValue {
            let (role, code) = (kind - SKOOP_DNS_RESPONSES.rawValue).quotientAndRemainder(
                dividingBy: SKOOP_DNS_CODES.rawValue)
            guard let direction = direction(role) else { return nil }
            return (.responses, [direction, DNSText.code(Int(code))])
        }
        let number = kind & 15
        switch kind & ~15 {
        case SKOOP_DNS_QUERIES.rawValue: return way(number).map { (.queries, $0) }
        case SKOOP_DNS_TRUNCATED.rawValue: return direction(number).map { (.truncated, [$0]) }
        case SKOOP_DNS_RETRIED.rawValue: return (.retried, [])
        case SKOOP_DNS_UNANSWERED.rawValue: return direction(number).map { (.unanswered, [$0]) }
        case SKOOP_DNS_LATE.rawValue: return (.late, [])
        default: return nil
        }
    }

    /// The labels of queries: direction and protocol.
    static func way(_ number: UInt32) -> [String]? {
        direction(number / 2).map { [$0, number % 2 == 0 ? "udp" : "tcp"] }
    }

    /// The labels of a histogram, and those of the responses that it counts.
    static func histogram(_ kind: UInt32) -> (way: [String], responses: [String])? {
        let (code, number) = kind.quotientAndRemainder(dividingBy: SKOOP_DNS_WAYS.rawValue)
        return way(number).map { ($0, [$0[0], DNSText.code(Int(code))]) }
    }

    static func direction(_ role: UInt32) -> String? {
        switch role {
        case SKOOP_DNS_CLIENT.rawValue: "client"
        case SKOOP_DNS_SERVER.rawValue: "server"
        default: nil
        }
    }
}

extension ProbeEvent {
    /// An event of the program `dns`.
    static func dns(_ bytes: RawSpan) -> ProbeEvent? {
        guard let record = bytes.load(as: skoop_dns_event.self),
            let direction = DNSCounterKind.direction(UInt32(record.role))
        else { return nil }
        let type: DNSEvent
        switch record.event.kind {
        case SKOOP_DNS_NO_ANSWER.rawValue: type = .noAnswer
        case SKOOP_DNS_LATE_ANSWER.rawValue: type = .lateAnswer
        case SKOOP_DNS_ERROR.rawValue: type = .error
        case SKOOP_DNS_SLOW.rawValue: type = .slow
        default: return nil
        }
        let start = MemoryLayout<skoop_dns_event>.size
        let length = min(Int(record.name_length) + 1, Int(SKOOP_DNS_NAME))
        let name =
            record.name_length == UInt16(SKOOP_DNS_NO_NAME)
            ? nil : DNSText.name((0..<length).map { bytes.load(as: UInt8.self, at: start + $0) ?? 0 })
        let recordType = record.type == 0 ? nil : DNSText.type(record.type)
        let code = type == .noAnswer ? nil : DNSText.code(Int(record.code))
        let latency = record.latency == 0 ? nil : record.latency
        let tries = record.tries == 0 ? nil : Int64(record.tries)
        var message = "dns \(type.outcome) \(MessageText.ends(PacketTuple(record.event.tuple)))id=\(record.id)"
        for (key, text) in [
            ("name", name), ("type", recordType), ("rcode", code), ("latency", latency.map(MessageText.duration)),
            ("tries", tries.map { "\($0)" }),
        ] {
            if let text { message += " \(key)=\(text)" }
        }
        return ProbeEvent(
            type.type, record.event,
            values: [
                .string(direction), name.map(EventValue.string), recordType.map(EventValue.string),
                .integer(Int64(record.id)), code.map(EventValue.string), latency.map(EventValue.duration),
                tries.map(EventValue.integer),
            ], message: message)
    }
}

extension DNSEvent {
    fileprivate var outcome: String {
        switch self {
        case .noAnswer: "no answer"
        case .lateAnswer: "late answer"
        case .error: "error"
        case .slow: "slow"
        }
    }
}
