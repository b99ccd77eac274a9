// SPDX-License-Identifier: Apache-2.0

/// Names of what a DNS message has as numbers (the registries of IANA's "Domain Name System Parameters").
enum DNSText {
    private static let codes = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE", "DSOTYPENI",
    ]
    private static let types: [UInt16: String] = [
        1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA", 29: "LOC",
        33: "SRV", 35: "NAPTR", 39: "DNAME", 43: "DS", 44: "SSHFP", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 50: "NSEC3",
        52: "TLSA", 64: "SVCB", 65: "HTTPS", 99: "SPF", 251: "IXFR", 252: "AXFR", 255: "ANY", 257: "CAA",
    ]

    /// A response code's name, `RCODE12` for one that has none.
    static func code(_ number: Int) -> String { codes.indices.contains(number) ? codes[number] : "RCODE\(number)" }

    /// A record type's name, `TYPE12` for one that is not known here (RFC 3597 section 5).
    static func type(_ number: UInt16) -> String { types[number] ?? "TYPE\(number)" }

    /// A name of labels after their lengths as text, without the dot at the end; `.` for the root.
    ///
    /// Bytes that are no printable ASCII, dots and backslashes within a label are escaped (RFC 1035 section 5.1). What
    /// does not come to its end ends with `…`.
    static func name(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        var left = 0
        var isWhole = false
        for byte in bytes {
            if left == 0 {
                if byte == 0 {
                    isWhole = true
                    break
                }
                guard byte < 64 else { break }
                left = Int(byte)
                if !text.isEmpty { text += "." }
                continue
            }
            left -= 1
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "\\"): text += "\\" + String(UnicodeScalar(byte))
            case 33...126: text += String(UnicodeScalar(byte))
            default: text += "\\" + String(repeating: "0", count: 3 - "\(byte)".count) + "\(byte)"
            }
        }
        if isWhole { return text.isEmpty ? "." : text }
        return text + "…"
    }
}
