// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP
import SkoopProbes

/// What every sink that speaks HTTP can be told.
struct HTTPSettings: Sendable {
    /// Where requests go.
    let target: HTTPTarget
    /// How long connecting may take, and a request with its answer.
    let timeout: Duration
    /// How the agent says who it is.
    let credentials: HTTPCredentials
    /// More fields of every request; their values may be secrets.
    let headers: [(name: String, value: String)]
    /// The value of `X-Scope-OrgID`, which is no secret; nil for none.
    var tenant: String?
    /// TLS, where the target wants it.
    let tls: HTTPEndpoint.TLS
    /// Whether bodies are compressed.
    let isCompressed: Bool
    /// The most events of a request.
    let batchEvents: Int
    /// The most bytes of a request before it is compressed, one event excepted.
    let batchBytes: Int
    /// How long the first event of a batch waits for more.
    let batchWait: Duration

    /// The server, and how it is asked.
    var endpoint: HTTPEndpoint {
        HTTPEndpoint(
            target, timeout: timeout, credentials: credentials,
            headers: headers + (tenant.map { [("X-Scope-OrgID", $0)] } ?? []), tls: tls)
    }

    /// The names under which the URL may be given; the second is KubeSkoop's.
    private static let urlNames = ["url", "addr"]

    /// What a sink can be told.
    ///
    /// - Parameter example: a URL.
    static func arguments(example: String) -> [ProbeArgument] {
        [
            ProbeArgument("url", .string, help: "where to, for example \(example)"),
            ProbeArgument("addr", .string, help: "another name of url"),
            ProbeArgument(
                "timeout", .duration(.milliseconds(100)...(.seconds(300))),
                help: "how long connecting may take, and how long an answer; 10s"),
            ProbeArgument("username", .string, help: "for basic authentication"),
            ProbeArgument("password", .string, help: "for basic authentication"),
            ProbeArgument("passwordFile", .string, help: "a file with the password, read for every request"),
            ProbeArgument("bearerToken", .string, help: "a token, instead of username and password"),
            ProbeArgument("bearerTokenFile", .string, help: "a file with the token, read for every request"),
            ProbeArgument("headers", .list(of: []), help: "more fields of every request, each as 'Name: value'"),
            ProbeArgument(
                "caFile", .string, help: "certificates (PEM) of the authorities to trust instead of the system's"),
            ProbeArgument("certFile", .string, help: "the agent's own certificate and those above it (PEM)"),
            ProbeArgument("keyFile", .string, help: "the key of the agent's own certificate (PEM)"),
            ProbeArgument(
                "insecureSkipVerify", .bool,
                help: "trust whoever answers; whoever is in between can read and change all"),
            ProbeArgument("gzip", .bool, help: "whether requests are compressed; true"),
            ProbeArgument("batchEvents", .integer(1...100_000), help: "the most events of a request; 1000"),
            ProbeArgument(
                "batchBytes", .integer(1024...67_108_864),
                help: "the most bytes of a request before it is compressed, more for one event only; 1048576"),
            ProbeArgument(
                "batchWait", .duration(.zero...(.seconds(300))), help: "how long events are gathered for a request; 1s"),
            ProbeArgument(
                "spool", .integer(1...4096),
                help: "megabytes of memory for events that wait, about; the oldest are lost beyond that; 16"),
        ]
    }

    /// How much may wait.
    static func capacity(_ environment: SinkEnvironment) -> SinkCapacity {
        .bytes((environment.integer("spool") ?? 16) << 20)
    }

    /// Reads arguments; no file is opened.
    ///
    /// - Parameters:
    ///   - port: of a URL without a scheme and a port.
    ///   - path: of a URL without a path.
    init(_ environment: SinkEnvironment, port: UInt16, path: String) throws(SinkArgumentError) {
        let given = Self.urlNames.filter { environment.string($0) != nil }
        guard let name = given.first, let text = environment.string(name) else {
            throw SinkArgumentError("url", "missing, it must be given")
        }
        guard given.count == 1 else { throw SinkArgumentError("addr", "is another name of url; give one of them") }
        target = try HTTPTarget(text, argument: name, port: port, path: path)
        timeout = environment.duration("timeout") ?? .seconds(10)
        credentials = try Self.credentials(environment)
        headers = try Self.headers(environment.list("headers"))
        tls = try Self.tls(environment, isSecure: target.isSecure)
        isCompressed = environment.arguments["gzip"] != .bool(false)
        batchEvents = environment.integer("batchEvents") ?? 1000
        batchBytes = environment.integer("batchBytes") ?? 1 << 20
        batchWait = environment.duration("batchWait") ?? .seconds(1)
    }

    private static func credentials(_ environment: SinkEnvironment) throws(SinkArgumentError) -> HTTPCredentials {
        func secret(_ name: String) throws(SinkArgumentError) -> Secret? {
            let (text, file) = (environment.string(name), environment.string(name + "File"))
            if text != nil, file != nil { throw SinkArgumentError(name + "File", "give it or \(name), not both") }
            // A line end would begin another field.
            if let text, text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
                throw SinkArgumentError(name, "holds control characters")
            }
            return text.map { .text($0) } ?? file.map { .file($0) }
        }
        let username = environment.string("username")
        let password = try secret("password")
        if let token = try secret("bearerToken") {
            guard username == nil, password == nil else {
                throw SinkArgumentError("username", "give it with a password or a bearer token, not both")
            }
            return .bearer(token)
        }
        switch (username, password) {
        case (nil, nil): return .none
        case (let name?, let password?):
            guard !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: ":") }) else {
                throw SinkArgumentError("username", "holds a colon or control characters")
            }
            return .basic(name, password)
        case (nil, _): throw SinkArgumentError("username", "missing, a password alone says nothing")
        case (_, nil): throw SinkArgumentError("username", "comes with password or passwordFile")
        }
    }

    private static func headers(_ lines: [String]) throws(SinkArgumentError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (position, line) in lines.enumerated() {
            // The value is not repeated in the message, it may be a key.
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let isToken = parts[0].utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7f && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
            }
            guard parts.count == 2, !parts[0].isEmpty, isToken else {
                throw SinkArgumentError("headers[\(position)]", "expected 'Name: value'")
            }
            let value = parts[1].drop { $0 == " " }
            guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) else {
                throw SinkArgumentError("headers[\(position)]", "holds control characters")
            }
            let own = ["authorization", "connection", "content-encoding", "content-length", "content-type", "host"]
            guard !own.contains(parts[0].lowercased()) else {
                throw SinkArgumentError("headers[\(position)]", "the sink itself says '\(parts[0])'")
            }
            headers.append((String(parts[0]), String(value)))
        }
        return headers
    }

    private static func tls(_ environment: SinkEnvironment, isSecure: Bool) throws(SinkArgumentError)
        -> HTTPEndpoint.TLS
    {
        var tls = HTTPEndpoint.TLS()
        tls.caFile = environment.string("caFile")
        tls.certFile = environment.string("certFile")
        tls.keyFile = environment.string("keyFile")
        tls.isUnverified = environment.flag("insecureSkipVerify")
        for (name, isGiven) in [
            ("caFile", tls.caFile != nil), ("certFile", tls.certFile != nil), ("keyFile", tls.keyFile != nil),
            ("insecureSkipVerify", tls.isUnverified),
        ] where isGiven && !isSecure {
            throw SinkArgumentError(name, "says something of TLS, and the URL is none of https")
        }
        if (tls.certFile == nil) != (tls.keyFile == nil) {
            throw SinkArgumentError(tls.certFile == nil ? "certFile" : "keyFile", "missing, both make an identity")
        }
        if tls.isUnverified, tls.caFile != nil {
            throw SinkArgumentError("insecureSkipVerify", "with it caFile has no meaning")
        }
        return tls
    }
}
