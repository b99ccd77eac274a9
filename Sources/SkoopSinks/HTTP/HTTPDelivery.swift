// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import SkoopCompression
    import SkoopEvents
    import SkoopHTTP
    import SkoopModel
    import Synchronization

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

        /// How much of an answer is read.
        private static let longestBody = 65_536

        private let settings: HTTPSettings
        private let client: HTTPClient
        /// Nil where nothing is compressed, or where that has failed.
        private var compressor: CompressorHolder?
        private var format: any Format
        /// The most events of a request; less after a server has found one too large.
        private var limit: Int

        init(_ settings: HTTPSettings, _ format: some Format) throws(SinkError) {
            self.settings = settings
            client = HTTPClient(settings.endpoint)
            do throws(CompressionError) {
                compressor = settings.isCompressed ? try CompressorHolder() : nil
            } catch { throw SinkError(.failed, error.description) }
            self.format = format
            limit = settings.batchEvents
        }

        /// Where events go.
        var target: String { settings.target.description }

        /// How events are gathered.
        var batching: SinkBatching {
            SinkBatching(events: settings.batchEvents, wait: settings.batchWait)
        }

        /// Sends the first events in one request; those that do not fit into it are not touched.
        mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
            while true {
                let (body, count) = format.encode(events.prefix(limit), upTo: settings.batchBytes)
                let reply = try post(body)
                if (200..<300).contains(reply.status) {
                    limit = min(limit * 2, settings.batchEvents)
                    return format.receipt(reply, count: count)
                }
                if reply.status == 413, count > 1 {
                    limit = count / 2
                    continue
                }
                var error = reply.error(
                    from: settings.target, says: format.explanation(reply), final: type(of: format).isFinal,
                    hiding: settings.credentials.secrets + settings.headers.map(\.value))
                if !error.isRetryable { error.events = count }
                throw error
            }
        }

        private mutating func post(_ body: [UInt8]) throws(SinkError) -> HTTPReply {
            var fields = [("Content-Type", type(of: format).contentType)]
            var body = body
            if let compressor {
                fields.append(("Content-Encoding", "gzip"))
                do throws(CompressionError) {
                    body = try compressor.compress(body)
                } catch {
                    self.compressor = nil
                    throw SinkError(.failed, error.description)
                }
            }
            do throws(HTTPError) {
                return try client.post(body, fields, limit: .beginning(Self.longestBody))
            } catch { throw SinkError(error, from: settings.target) }
        }
    }

    /// The state of gzip between requests. Only the sink's thread touches it, so that nobody ever waits for the lock.
    private final class CompressorHolder: Sendable {
        private let compressor: Mutex<Compressor>

        init() throws(CompressionError) { compressor = Mutex(try Compressor(.gzip)) }

        func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
            try compressor.withLock { compressor throws(CompressionError) in
                var output: [UInt8] = []
                try compressor.compress(bytes.span, into: &output)
                try compressor.finish(into: &output)
                return output
            }
        }
    }
#endif
