// SPDX-License-Identifier: Apache-2.0

/// How the lab's DNS server treats a query.
public struct DNSBehaviour: Sendable {
    /// By which protocol a query came.
    public enum Transport: String, Sendable, Hashable, CaseIterable {
        /// A datagram.
        case udp
        /// A message on a connection.
        case tcp
    }

    /// An answer and how long it takes.
    public struct Reply: Sendable {
        /// What is answered.
        public var message: DNSMessage
        /// How long after the query.
        public var delay: Duration

        /// Makes a reply.
        public init(_ message: DNSMessage, after delay: Duration = .zero) {
            self.message = message
            self.delay = delay
        }
    }

    let reply: @Sendable (_ query: DNSMessage, _ transport: Transport) -> Reply?

    /// A behaviour of one's own; without a reply, the server stays silent.
    public init(_ reply: @escaping @Sendable (_ query: DNSMessage, _ transport: Transport) -> Reply?) {
        self.reply = reply
    }

    /// Answers every name with `192.0.2.1` or `2001:db8::1`, after a while.
    public static func answer(after delay: Duration = .zero) -> DNSBehaviour {
        DNSBehaviour { query, _ in Reply(query.answered, after: delay) }
    }

    /// Never answers.
    public static let silent = DNSBehaviour { _, _ in nil }

    /// Answers with a code and no address.
    public static func code(_ code: DNSMessage.Code) -> DNSBehaviour {
        DNSBehaviour { query, _ in Reply(query.answer(code)) }
    }

    /// Answers a datagram with "too long, ask by TCP" and a connection with addresses.
    public static let truncated = DNSBehaviour { query, transport in
        guard transport == .udp else { return Reply(query.answered) }
        var message = query.answer()
        message.isTruncated = true
        return Reply(message)
    }
}

extension DNSMessage {
    fileprivate var answered: DNSMessage { answer(.noError, [type == .a ? "192.0.2.1" : "2001:db8::1"]) }
}
