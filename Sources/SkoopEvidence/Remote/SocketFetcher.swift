// SPDX-License-Identifier: Apache-2.0
import SkoopHTTP
import SkoopSystem

/// Gets pages by HTTP from a socket in the file system, such as an agent's admin address.
public struct SocketFetcher: PageFetcher, Sendable {
    /// The socket.
    public var path: String

    /// Makes a fetcher; it connects when a page is asked for.
    public init(_ path: String) { self.path = path }

    /// The path as a URL.
    public var server: String { "unix://\(path)" }

    /// Gets a page.
    public func fetch(_ page: String) throws(EvidenceError) -> FetchedPage {
        do throws(HTTPError) {
            let reply = try PlainHTTPClient.get(page, of: "localhost", limit: 1 << 29) { () throws(SystemError) in
                try StreamSocket(unix: path)
            }
            return FetchedPage(status: reply.status, body: reply.body)
        } catch { throw EvidenceError(server, error.description) }
    }
}
