// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopEvidence

/// The servers and files that a command line names, as sources of evidence.
public struct Remotes: Sendable {
    /// Who asks servers.
    private let credentials: HTTPFetcher.Credentials

    private let tls: HTTPFetcher.TLS

    /// Reads who asks servers, and whom to trust.
    ///
    /// - Parameters:
    ///   - tokenFile: a file with a bearer token; nil for none.
    ///   - userFile: a file with `name:password`; nil for none.
    ///   - tls: whom to trust where TLS is spoken, and what to show.
    public init(
        tokenFile: String? = nil, userFile: String? = nil, tls: HTTPFetcher.TLS = HTTPFetcher.TLS()
    ) throws(EvidenceError) {
        self.tls = tls
        if tokenFile != nil, userFile != nil { throw EvidenceError("--user-file", "give it or --token-file, not both") }
        if let file = tokenFile {
            credentials = try .init(file: file, isToken: true)
        } else if let file = userFile {
            credentials = try .init(file: file, isToken: false)
        } else {
            credentials = .none
        }
    }

    /// Saved pages, or one URL that is read for a while.
    public func scrape(
        _ places: [String], for duration: String, every interval: String
    ) throws(EvidenceError) -> [any EvidenceSource] {
        if places.isEmpty { return [] }
        let watch = try LocalWatch(for: duration, every: interval)
        let isURL = places.map { $0.contains("://") }
        guard isURL.contains(true) else {
            return [ScrapeFiles(places, interval: watch.interval.wholeNanoseconds)]
        }
        guard places.count == 1 else { throw EvidenceError("--scrape", "give files, or one URL and nothing else") }
        var url = try ServerURL(places[0])
        let path = url.path.isEmpty || url.path == "/" ? "/metrics" : url.path
        url.path = ""
        return [
            ScrapeSource(
                try HTTPFetcher(url, credentials: credentials, tls: tls), path: path, for: watch.duration,
                every: watch.interval,
                progress: watch.progress)
        ]
    }

    /// A Prometheus server.
    public func prometheus(_ url: String, pods: [String]) throws(EvidenceError) -> any EvidenceSource {
        PrometheusSource(
            try HTTPFetcher(ServerURL(url), credentials: credentials, tls: tls),
            pods: try Investigation.podNames(pods))
    }

    /// A running agent.
    ///
    /// - Parameters:
    ///   - place: its admin address as a configuration has it, a URL, or `here` for the default one of this host.
    ///   - rules: those by which its evidence is judged.
    public func agent(_ place: String, rules: [Rule]) throws(EvidenceError) -> any EvidenceSource {
        func source(_ fetcher: some PageFetcher) -> any EvidenceSource { AgentSource(fetcher, rules: rules) }
        return source(try fetcher(place))
    }

    /// Gets pages of a running agent.
    ///
    /// - Parameter place: its admin address as a configuration has it, a URL, or `here` for the default one of this host.
    func fetcher(_ place: String) throws(EvidenceError) -> any PageFetcher & Sendable {
        if place.hasPrefix("http://") || place.hasPrefix("https://") {
            return try HTTPFetcher(ServerURL(place), credentials: credentials, tls: tls)
        }
        switch place == "here" ? .defaultAdmin : ListenAddress(place) {
        case .unix(let path)?: return SocketFetcher(path)
        case .tcp(let host, let port)?:
            let host = host.isEmpty ? "localhost" : host.contains(":") ? "[\(host)]" : host
            return try HTTPFetcher(ServerURL("http://\(host):\(port)"), credentials: credentials)
        case nil: throw EvidenceError("--agent", "allowed is here, a URL, \(ListenAddress.allowed)")
        }
    }

    /// A Loki server.
    public func loki(_ url: String) throws(EvidenceError) -> any EvidenceSource {
        LokiSource(try HTTPFetcher(ServerURL(url), credentials: credentials, tls: tls))
    }
}
