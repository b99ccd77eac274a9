// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    public import SkoopEvents
    import SkoopHTTP
    public import SkoopModel
    import SkoopProbes

    /// Pushes events to Loki, or to what speaks its push API, with the events' own times.
    ///
    /// Needs the trait `HTTPSinks`. Loki from 2.4 on, which takes entries that are not in order.
    public struct LokiSink: Sink {
        /// Everything of HTTP, and labels, structured metadata and the tenant.
        public static let definition = SinkDefinition(
            "loki", "log lines of JSON in Loki, or in what takes its push requests",
            arguments: HTTPSettings.arguments(example: "http://loki:3100 (/loki/api/v1/push is added)") + [
                ProbeArgument("tenant", .string, help: "the tenant (X-Scope-OrgID)"),
                ProbeArgument(
                    "labels", .list(of: []),
                    help: "labels of the streams: name=value, or one of "
                        + LokiField.labels.map(\.rawValue).joined(separator: ", ")
                        + "; \(LokiLabels.usual.joined(separator: ", "))"),
                ProbeArgument(
                    "metadata", .list(of: LokiField.allCases.map(\.rawValue)),
                    help: "what stands beside the line as structured metadata, from Loki 3.0 on; nothing"),
            ])

        private var delivery: HTTPDelivery

        /// Looks at what only people can have got wrong.
        public static func check(_ environment: SinkEnvironment) throws(SinkArgumentError) {
            _ = try settings(environment)
            _ = try labels(environment)
        }

        /// The spool.
        public static func capacity(_ environment: SinkEnvironment) -> SinkCapacity? {
            HTTPSettings.capacity(environment)
        }

        /// Connects only when there is an event.
        public init(_ environment: SinkEnvironment) throws(SinkError) {
            let settings: HTTPSettings
            let labels: LokiLabels
            do throws(SinkArgumentError) {
                settings = try Self.settings(environment)
                labels = try Self.labels(environment)
            } catch { throw SinkError(error) }
            let metadata = environment.list("metadata").compactMap { LokiField(rawValue: $0) }
            delivery = try HTTPDelivery(settings, LokiPush(labels: labels, metadata: metadata))
        }

        /// The URL.
        public var target: String { delivery.target }

        /// A thousand events or a second, unless told otherwise.
        public var batching: SinkBatching { delivery.batching }

        /// Pushes what fits into one request.
        public mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
            try delivery.deliver(events)
        }

        private static func settings(_ environment: SinkEnvironment) throws(SinkArgumentError) -> HTTPSettings {
            var settings = try HTTPSettings(environment, port: 3100, path: "/loki/api/v1/push")
            if let tenant = environment.string("tenant") {
                guard !tenant.isEmpty, tenant.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                    throw SinkArgumentError("tenant", "is empty or has characters that no tenant has")
                }
                settings.tenant = tenant
            }
            return settings
        }

        private static func labels(_ environment: SinkEnvironment) throws(SinkArgumentError) -> LokiLabels {
            let texts = environment.arguments["labels"] == nil ? LokiLabels.usual : environment.list("labels")
            return try LokiLabels(texts)
        }
    }

    extension LokiPush: HTTPDelivery.Format {
        static let contentType = "application/json"
        static func isFinal(_ status: Int) -> Bool { false }
        func receipt(_ reply: HTTPReply, count: Int) -> SinkReceipt { SinkReceipt(delivered: count) }
        func explanation(_ reply: HTTPReply) -> String? { nil }
    }
#endif
