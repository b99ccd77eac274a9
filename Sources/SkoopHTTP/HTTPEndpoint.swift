// SPDX-License-Identifier: Apache-2.0

/// A server, and how it is asked.
package struct HTTPEndpoint: Sendable {
    /// What is expected of the other side of TLS, and what is shown to it.
    package struct TLS: Sendable, Hashable {
        /// A file of certificates (PEM) that are trusted instead of the system's; nil for those.
        package var caFile: String?
        /// A file with the own certificate (PEM); nil for none.
        package var certFile: String?
        /// A file with the key of the own certificate (PEM).
        package var keyFile: String?
        /// The same as bytes (PEM), before the files.
        package var ca: [UInt8]?
        /// The own certificate as bytes (PEM), before the file.
        package var cert: [UInt8]?
        /// The key of the own certificate as bytes (PEM), before the file.
        package var key: [UInt8]?
        /// The name for which the other side's certificate has to be, where that is not the target's host.
        package var serverName: String?
        /// Whether anybody is trusted.
        package var isUnverified = false

        /// Trusts the system's certificates and shows none.
        package init() {}
    }

    /// Where requests go.
    package var target: HTTPTarget
    /// How long connecting may take, and a request with its whole answer.
    package var timeout: Duration
    /// How the client says who it is.
    package var credentials: HTTPCredentials
    /// More fields of every request; their values may be secrets.
    package var headers: [(name: String, value: String)]
    /// TLS, where the target wants it.
    package var tls: TLS

    /// Makes an endpoint; see the properties for the meaning of each argument.
    package init(
        _ target: HTTPTarget, timeout: Duration, credentials: HTTPCredentials = .none,
        headers: [(name: String, value: String)] = [], tls: TLS = TLS()
    ) {
        self.target = target
        self.timeout = timeout
        self.credentials = credentials
        self.headers = headers
        self.tls = tls
    }
}
