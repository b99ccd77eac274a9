// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    public import SkoopEvents
    import SkoopHTTP
    public import SkoopModel
    import SkoopProbes

    /// Sends events as log records by OTLP over HTTP, in Protocol Buffers, which every receiver takes.
    ///
    /// Needs the trait `HTTPSinks`.
    public struct OTLPSink: Sink {
        /// Everything of HTTP, and what stands in every resource.
        public static let definition = SinkDefinition(
            "otlp", "log records for a collector of OpenTelemetry, or for what takes OTLP over HTTP",
            arguments: HTTPSettings.arguments(example: "http://collector:4318 (/v1/logs is added)") + [
                ProbeArgument("serviceName", .string, help: "the attribute service.name of every resource; skoop"),
                ProbeArgument(
                    "attributes", .list(of: []),
                    help: "more attributes of every resource, each as name=value, for example k8s.cluster.name=east"),
            ])

        private var delivery: HTTPDelivery

        /// Looks at what only people can have got wrong.
        public static func check(_ environment: SinkEnvironment) throws(SinkArgumentError) {
            _ = try settings(environment)
            _ = try logs(environment)
        }

        /// The spool.
        public static func capacity(_ environment: SinkEnvironment) -> SinkCapacity? {
            HTTPSettings.capacity(environment)
        }

        /// Connects only when there is an event.
        public init(_ environment: SinkEnvironment) throws(SinkError) {
            let settings: HTTPSettings
            let logs: OTLPLogs
            do throws(SinkArgumentError) {
                settings = try Self.settings(environment)
                logs = try Self.logs(environment)
            } catch { throw SinkError(error) }
            delivery = try HTTPDelivery(settings, logs)
        }

        /// The URL.
        public var target: String { delivery.target }

        /// A thousand events or a second, unless told otherwise.
        public var batching: SinkBatching { delivery.batching }

        /// Sends what fits into one request.
        public mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
            try delivery.deliver(events)
        }

        private static func settings(_ environment: SinkEnvironment) throws(SinkArgumentError) -> HTTPSettings {
            try HTTPSettings(environment, port: 4318, path: "/v1/logs")
        }

        private static func logs(_ environment: SinkEnvironment) throws(SinkArgumentError) -> OTLPLogs {
            var attributes: [(name: String, value: String)] = []
            for (position, text) in environment.list("attributes").enumerated() {
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty else {
                    throw SinkArgumentError("attributes[\(position)]", "'\(text)' is not of the form name=value")
                }
                attributes.append((String(parts[0]), String(parts[1])))
            }
            return OTLPLogs(serviceName: environment.string("serviceName") ?? "skoop", attributes: attributes)
        }
    }

    extension OTLPLogs: HTTPDelivery.Format {
        static let contentType = "application/x-protobuf"
        /// What is to be repeated is a short list in the specification of OTLP, and 500 is not on it.
        static func isFinal(_ status: Int) -> Bool {
            ![401, 403, 407, 429, 502, 503, 504].contains(status)
        }
        func receipt(_ reply: HTTPReply, count: Int) -> SinkReceipt { reply.otlpReceipt(count: count) }
        func explanation(_ reply: HTTPReply) -> String? { reply.otlpMessage }
    }
#endif
