// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import NIOHTTP1
    import SkoopExport

    /// What a request gets.
    enum Answer: Sendable, Equatable {
        /// A page of metrics in a format, compressed or not.
        case page(ContentNegotiation.Choice, ContentCoding)
        /// A body that is known.
        case text(HTTPResponseStatus, contentType: String, String)
        /// What the analysis has kept, which takes a moment.
        case evidence
        /// A body that is known.
        case bytes(contentType: String, [UInt8])
        /// Events as they come.
        case events(EventRequest)

        private static let plain = "text/plain; charset=utf-8"
        private static let noDebug = Answer.line(
            .notFound, "debug pages are there while debugMode of the configuration is true")

        /// A line for a human.
        static func line(_ status: HTTPResponseStatus, _ message: String) -> Answer {
            .text(status, contentType: plain, message + "\n")
        }

        /// Decides by method, path and headers.
        init(to head: HTTPRequestHead, from agent: Agent, _ endpoint: HTTPServer.Endpoint = .metrics) {
            let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let query = parts.count > 1 ? String(parts[1]) : nil
            guard
                (["/", "/metrics", "/findings", "/status", "/healthz"]
                    + (endpoint == .admin ? ["/events", "/evidence", "/debug", "/debug/config"] : []))
                    .contains(parts[0])
            else {
                self = .line(.notFound, Self.nothing(at: parts[0], agent.configuration))
                return
            }
            guard [.GET, .HEAD].contains(head.method) else {
                self = .line(.methodNotAllowed, "method \(head.method.rawValue) is not allowed; allowed are GET, HEAD")
                return
            }
            switch parts[0] {
            case "/metrics": self = .metrics(head.headers, query: query)
            case "/events": self = .events(head.headers, query: query, from: agent)
            case "/findings": self = .findings(agent)
            case "/evidence": self = agent.findings == nil ? .findings(agent) : .evidence
            case "/debug": self = agent.debugPage.map { .text(.ok, contentType: Self.plain, $0.text) } ?? .noDebug
            case "/debug/config":
                self =
                    agent.debug.isOn
                    ? .text(.ok, contentType: "application/json", agent.configuration.json.text) : .noDebug
            case "/status": self = .text(.ok, contentType: "application/json", agent.status.json)
            case "/healthz": self = .line(.ok, "ok")
            default:
                let page = LandingPage(status: agent.status, endpoint: endpoint.rawValue)
                self = .text(.ok, contentType: "text/html; charset=utf-8", page.html)
            }
        }

        /// A recording has no type that others know.
        static let recording = "application/octet-stream"

        private static func findings(_ agent: Agent) -> Answer {
            agent.findings.map { .text(.ok, contentType: "application/json", $0.json) }
                ?? .line(
                    .notFound, "the agent does not look for causes; analysis.enabled of the configuration is false")
        }

        private static func nothing(at path: Substring, _ configuration: Configuration) -> String {
            switch path {
            case "/events", "/evidence":
                (path == "/events" ? "events are" : "evidence is")
                    + " served on the address 'admin' of the configuration, now \(configuration.admin?.description ?? "none")"
            case "/debug", "/debug/config":
                "debug pages are served on the address 'admin' of the configuration, now \(configuration.admin?.description ?? "none")"
            default: "there is nothing at this path; see /"
            }
        }

        private static func events(_ headers: HTTPHeaders, query: String?, from agent: Agent) -> Answer {
            guard agent.events != nil else {
                return .line(
                    .notFound, "no probe reports events; event.probes of the configuration names none that can run")
            }
            do throws(EventRequest.BadQuery) {
                return .events(
                    try EventRequest(
                        query: query, accept: headers.joined("accept"), lastID: headers["last-event-id"].first))
            } catch {
                return .line(.badRequest, error.message)
            }
        }

        private static func metrics(_ headers: HTTPHeaders, query: String?) -> Answer {
            do throws(ContentNegotiation.UnknownFormat) {
                let choice = try ContentNegotiation.format(accept: headers.joined("accept"), query: query)
                guard let coding = ContentCoding.negotiate(acceptEncoding: headers.joined("accept-encoding")) else {
                    let codings = ContentCoding.allCases.map(\.rawValue).joined(separator: ", ")
                    return .line(.notAcceptable, "no acceptable content coding; there are \(codings)")
                }
                return .page(choice, coding)
            } catch {
                return .line(.badRequest, error.description)
            }
        }

        /// Whether the connection can stay open after it: a page's end shows only in chunks, which HTTP/1.0 has not.
        func keepsAlive(_ request: HTTPRequestHead) -> Bool {
            if isStreamed, request.method == .GET, request.version.minor == 0 { return false }
            return request.isKeepAlive
        }

        /// Whether the length of the body is not known before its end.
        private var isStreamed: Bool {
            switch self {
            case .page, .events: true
            case .text, .bytes, .evidence: false
            }
        }

        /// Status and headers of the response.
        func head(to request: HTTPRequestHead) -> HTTPResponseHead {
            var headers = HTTPHeaders()
            var status = HTTPResponseStatus.ok
            switch self {
            case .page(let choice, let coding):
                headers.add(name: "Content-Type", value: choice.contentType)
                headers.add(name: "Vary", value: "Accept, Accept-Encoding")
                if coding != .identity { headers.add(name: "Content-Encoding", value: coding.rawValue) }
            case .events(let wanted):
                headers.add(name: "Content-Type", value: wanted.style.contentType)
                headers.add(name: "Cache-Control", value: "no-store")
            case .evidence: headers.add(name: "Content-Type", value: Self.recording)
            case .bytes(let contentType, let body):
                headers.add(name: "Content-Type", value: contentType)
                headers.add(name: "Content-Length", value: "\(body.count)")
            case .text(let code, let contentType, let body):
                status = code
                headers.add(name: "Content-Type", value: contentType)
                headers.add(name: "Content-Length", value: "\(body.utf8.count)")
                if code == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
                if code == .serviceUnavailable { headers.add(name: "Retry-After", value: "1") }
            }
            if isStreamed, request.method == .GET, request.version.minor > 0 {
                headers.add(name: "Transfer-Encoding", value: "chunked")
            }
            if !keepsAlive(request) {
                headers.add(name: "Connection", value: "close")
            } else if request.version.minor == 0 {
                headers.add(name: "Connection", value: "keep-alive")
            }
            return HTTPResponseHead(version: request.version, status: status, headers: headers)
        }
    }

    extension HTTPHeaders {
        /// All values of a field as one list, `nil` where there is none.
        fileprivate func joined(_ name: String) -> String? {
            let values = self[name]
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
    }
#endif
