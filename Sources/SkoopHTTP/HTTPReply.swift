// SPDX-License-Identifier: Apache-2.0

/// What a server answered.
package struct HTTPReply: Sendable {
    /// The status.
    package var status = 0
    /// The field `Retry-After`.
    package var retryAfter: String?
    /// The field `Location`.
    package var location: String?
    /// The field `Content-Type`.
    package var contentType = ""
    /// The body, or its beginning where no more was wanted.
    package var body: [UInt8] = []
    /// Whether nothing more can be asked over the connection.
    package var isLast = false

    /// Makes an answer.
    package init(
        status: Int = 0, retryAfter: String? = nil, location: String? = nil, contentType: String = "",
        body: [UInt8] = []
    ) {
        self.status = status
        self.retryAfter = retryAfter
        self.location = location
        self.contentType = contentType
        self.body = body
    }
}
