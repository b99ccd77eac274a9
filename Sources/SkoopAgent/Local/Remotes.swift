// SPDX-License-Identifier: Apache-2.0
public import SkoopEvidence

/// The servers and files that a command line names, as sources of evidence.
public struct Remotes: Sendable {
    /// Who asks servers.
    private let credentials: HTTPFetcher.Credentials

    /// Reads who asks servers.
    ///
    /// - Parameters:
    ///   - tokenFile: a file with a bearer token; nil for none.
    ///   - userFile: a file with `name:password`; nil for none.
    public init(tokenFile: String? = nil, userFile: String? = nil) throws(EvidenceError) {
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
                try HTTPFetcher(url, credentials: credentials), path: path, for: watch.duration, every: watch.interval,
                progress: watch.progress)
        ]
    }

    /// A Prometheus server.
    public func prometheus(_ url: String, pods: [String]) throws(EvidenceError) -> any EvidenceSource {
        PrometheusSource(try HTTPFetcher(ServerURL(url), credentials: credentials), pods: pods)
    }

    /// A Loki server.
    public func loki(_ url: String) throws(EvidenceError) -> any EvidenceSource {
        LokiSource(try HTTPFetcher(ServerURL(url), credentials: credentials))
    }
}
