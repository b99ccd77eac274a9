// SPDX-License-Identifier: Apache-2.0

/// How a client says who it is.
package enum HTTPCredentials: Sendable, Hashable {
    /// It does not.
    case none
    /// By a name and a password (RFC 7617).
    case basic(String, Secret)
    /// By a token (RFC 6750).
    case bearer(Secret)

    /// The value of the field `Authorization`; nil for none.
    package func field() throws(HTTPError) -> String? {
        switch self {
        case .none: nil
        case .bearer(let token): "Bearer " + (try token.value())
        case .basic(let name, let password): "Basic " + base64("\(name):\(try password.value())".utf8)
        }
    }

    /// What must not be repeated in messages; what cannot be read now need not be hidden.
    package var secrets: [String] {
        switch self {
        case .none: []
        case .bearer(let token): [(try? token.value()) ?? ""]
        case .basic(let name, let password):
            [(try? password.value()) ?? ""].flatMap { [$0, base64("\(name):\($0)".utf8)] }
        }
    }
}
