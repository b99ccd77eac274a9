// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import SkoopEvents
    import SkoopModel

    /// Sends batches of events, each as one request, and says what became of them.
    struct HTTPDelivery: Sendable {
        /// How a protocol writes events and reads answers.
        protocol Format: Sendable {
            /// The value of `Content-Type`.
            static var contentType: String { get }
            /// Statuses that are final although others would try again.
            static func isFinal(_ status: Int) -> Bool

            /// The body for the first events, as many as fit, and their number, at least one.
            mutating func encode(_ events: ArraySlice<Event>, upTo bytes: Int) -> (body: [UInt8], count: Int)
            /// What became of so many events after a success.
            func receipt(_ reply: HTTPReply, count: Int) -> SinkReceipt
            /// What the body of a failure says, for people; nil for its first line.
            func explanation(_ reply: HTTPReply) -> String?
        }

        private let client: HTTPClient
        private var format: any Format
        /// The most events of a request; less after a server has found one too large.
        private var limit: Int

        init(_ settings: HTTPSettings, _ format: some Format) throws(SinkError) {
            client = try HTTPClient(settings, contentType: type(of: format).contentType)
            self.format = format
            limit = settings.batchEvents
        }

        /// Where events go.
        var target: String { client.settings.target.description }

        /// How events are gathered.
        var batching: SinkBatching {
            SinkBatching(events: client.settings.batchEvents, wait: client.settings.batchWait)
        }

        /// Sends the first events in one request; those that do not fit into it are not touched.
        mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
            while true {
                let (body, count) = format.encode(events.prefix(limit), upTo: client.settings.batchBytes)
                let reply = try client.post(body)
                if (200..<300).contains(reply.status) {
                    limit = min(limit * 2, client.settings.batchEvents)
                    return format.receipt(reply, count: count)
                }
                if reply.status == 413, count > 1 {
                    limit = count / 2
                    continue
                }
                var error = reply.error(
                    from: client.settings.target, says: format.explanation(reply), final: type(of: format).isFinal,
                    hiding: client.secrets)
                if !error.isRetryable { error.events = count }
                throw error
            }
        }
    }
#endif
