// SPDX-License-Identifier: Apache-2.0
import SkoopHTTP

/// Where a server is: the parts of an HTTP URL.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    let target: HTTPTarget
    /// Path and query, beginning with `/`; empty where there is none.
    public var path: String

    /// Reads `http[s]://host[:port][/path]`.
    public init(_ text: String) throws(EvidenceError) {
        guard text.contains("://") else {
            throw EvidenceError(text, "no URL of HTTP; expected http[s]://host[:port][/path]")
        }
        do throws(HTTPTarget.Mistake) {
            target = try HTTPTarget(text, port: 80, path: "")
            path = target.path
        } catch {
            switch error {
            case .form(let message): throw EvidenceError(text, message)
            case .credentials: throw EvidenceError("the URL", "credentials belong into a file, not into the URL")
            }
        }
    }

    /// Whether TLS is spoken there.
    public var isSecure: Bool { target.isSecure }
    /// A name or an address, of IPv6 without brackets.
    public var host: String { target.host }
    /// The port.
    public var port: UInt16 { target.port }

    /// The URL without its query.
    public var description: String {
        var shown = target
        shown.path = path
        return shown.description
    }
}
