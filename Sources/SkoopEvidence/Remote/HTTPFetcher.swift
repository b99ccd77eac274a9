// SPDX-License-Identifier: Apache-2.0
import SkoopHTTP

/// Gets pages by HTTP; with the trait `HTTPSinks` also by TLS, and over a connection that is kept.
public struct HTTPFetcher: PageFetcher, Sendable {
    /// Who asks.
    public struct Credentials: Sendable, Hashable {
        let value: HTTPCredentials

        /// Nobody in particular.
        public static let none = Credentials(value: .none)

        /// Reads a file of one line that holds a token (RFC 6750), or `name:password` (RFC 7617).
        ///
        /// - Parameters:
        ///   - file: its path.
        ///   - isToken: which of the two.
        public init(file: String, isToken: Bool) throws(EvidenceError) {
            let text: String
            do throws(HTTPError) { text = try Secret.file(file).value() } catch {
                throw EvidenceError(file, "\(error)")
            }
            if isToken {
                value = .bearer(.text(text))
                return
            }
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw EvidenceError(file, "there is no name:password in it") }
            value = .basic(String(parts[0]), .text(String(parts[1])))
        }

        private init(value: HTTPCredentials) { self.value = value }
    }

    /// Whom a client trusts, and what it shows of itself; each is a file in PEM.
    public struct TLS: Sendable, Hashable {
        /// The authorities that are trusted instead of the system's; nil for those.
        public var caFile: String?
        /// The own certificate and those above it; nil for none.
        public var certFile: String?
        /// The key of the own certificate.
        public var keyFile: String?

        /// Makes settings; see the properties for the meaning of each argument.
        public init(caFile: String? = nil, certFile: String? = nil, keyFile: String? = nil) {
            self.caFile = caFile
            self.certFile = certFile
            self.keyFile = keyFile
        }
    }

    /// The server; paths are below its own.
    public let url: ServerURL
    #if HTTPSinks
        private let client: HTTPClient
    #else
        private let client: PlainHTTPClient
    #endif

    /// More than any page has.
    private static let largestPage = 1 << 29

    /// Makes a fetcher; it connects when a page is asked for.
    ///
    /// - Parameters:
    ///   - url: the server; paths are below its own.
    ///   - credentials: who asks.
    ///   - tls: whom to trust, where the URL is of https.
    ///   - timeout: how long connecting may take, and a page.
    /// - Throws: of a URL of https where there is no TLS.
    public init(
        _ url: ServerURL, credentials: Credentials = .none, tls: TLS = TLS(), timeout: Duration = .seconds(60)
    ) throws(EvidenceError) {
        self.url = url
        var endpoint = HTTPEndpoint(url.target, timeout: timeout, credentials: credentials.value)
        endpoint.tls.caFile = tls.caFile
        endpoint.tls.certFile = tls.certFile
        endpoint.tls.keyFile = tls.keyFile
        guard (tls.certFile == nil) == (tls.keyFile == nil) else {
            throw EvidenceError("\(url)", "a certificate of one's own takes a certificate and its key")
        }
        #if HTTPSinks
            client = HTTPClient(endpoint)
        #else
            guard !url.isSecure else {
                throw EvidenceError(
                    "\(url)", "this program was built without TLS (the trait HTTPSinks); give an address behind it")
            }
            client = PlainHTTPClient(endpoint)
        #endif
    }

    /// The URL.
    public var server: String { "\(url)" }

    /// Gets a page below the server's own path.
    public func fetch(_ path: String) throws(EvidenceError) -> FetchedPage {
        let base = url.path.last == "/" ? String(url.path.dropLast()) : url.path
        do throws(HTTPError) {
            #if HTTPSinks
                let reply = try client.get(base + path, limit: .whole(Self.largestPage))
            #else
                let reply = try client.get(base + path, limit: Self.largestPage)
            #endif
            return FetchedPage(status: reply.status, body: reply.body)
        } catch { throw EvidenceError(server, error.description) }
    }
}
