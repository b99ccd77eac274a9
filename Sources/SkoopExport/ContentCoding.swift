// SPDX-License-Identifier: Apache-2.0

/// How the bytes of a page are compressed on their way; the raw value is the `Content-Encoding`.
public enum ContentCoding: String, Sendable, Hashable, CaseIterable {
    /// Zstandard (RFC 8878).
    case zstd
    /// The gzip format (RFC 1952).
    case gzip
    /// As they are.
    case identity

    /// The coding a client wants most, given its `Accept-Encoding` header (RFC 9110 section 12.5.3).
    ///
    /// Where the client values two alike, the cheaper to make comes first: zstd, gzip, identity. Without a header, and
    /// where nothing else fits, it is identity.
    ///
    /// - Returns: nil where the client refuses identity too (`identity;q=0` or `*;q=0`): status 406.
    public static func negotiate(acceptEncoding: String?) -> ContentCoding? {
        guard let acceptEncoding else { return .identity }
        let header = AcceptHeader(acceptEncoding)
        var best: (coding: ContentCoding, quality: Int)?
        for coding in allCases {
            let quality = coding.quality(in: header)
            if quality > best?.quality ?? 0 { best = (coding, quality) }
        }
        return best?.coding
    }

    private func quality(in header: AcceptHeader) -> Int {
        let names = self == .gzip ? ["gzip", "x-gzip"] : [rawValue]
        if let range = header.ranges.first(where: { names.contains($0.name) }) { return range.quality }
        if let any = header.ranges.first(where: { $0.name == "*" }) { return any.quality }
        // Acceptable unless excluded, but less than anything the client names.
        return self == .identity ? 1 : 0
    }
}
