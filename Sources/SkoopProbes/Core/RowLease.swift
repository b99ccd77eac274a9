// SPDX-License-Identifier: Apache-2.0
internal import SkoopSystem

/// How long rows of a kernel map that nothing adds to any more are kept.
///
/// A row goes only when it has been idle for so long and has been shown since it last changed. Long enough for
/// `increase()` over the usual ranges, for a row that comes back begins at zero.
struct RowLease: Sendable {
    /// A moment of collection.
    struct Moment: Sendable {
        /// Rows that last changed before this moment may go, in nanoseconds of `CLOCK_MONOTONIC`.
        var idle: UInt64
    }

    private let seconds: UInt64
    private var collectedAt: UInt64 = 0

    /// Takes the time from the argument.
    init(_ environment: ProbeEnvironment) {
        seconds = environment.number(ProbeArgument.idle.name, orElse: 900)
    }

    /// Begins a collection.
    mutating func begin(now: MonotonicTime = .now) -> Moment {
        defer { collectedAt = now.nanoseconds }
        let age = seconds * 1_000_000_000
        return Moment(idle: min(collectedAt, now.nanoseconds - min(now.nanoseconds, age)))
    }
}

extension ProbeArgument {
    /// How long a row is kept.
    static let idle = ProbeArgument(
        "idleSeconds", .integer(10...86_400),
        help: "how long a row of addresses is shown after it last changed; 900 unless set")

    /// The name of the argument ``rows(standard:)``.
    static let rowsName = "maxRows"

    /// How many rows there may be.
    static func rows(standard: Int) -> ProbeArgument {
        ProbeArgument(
            rowsName, .integer(16...1_000_000),
            help: "how many rows of addresses the kernel keeps; \(standard) unless set, at about 150 bytes each")
    }
}

extension SourceChoice {
    /// Adds to the reason what is worth knowing.
    mutating func note(_ text: String?) {
        guard let text else { return }
        reason += reason.isEmpty ? text : "; \(text)"
    }
}

extension ProbeEnvironment {
    /// The names in a list argument; nil where it is not given.
    ///
    /// - Throws: `invalidArgument` for what cannot be the name of an enumerator.
    func names(_ argument: String) throws(ProbeError) -> [String]? {
        guard case .list(let names)? = arguments[argument] else { return nil }
        for name in names where !name.utf8.allSatisfy(\.isNameByte) || name.isEmpty {
            throw ProbeError(
                .invalidArgument, "\(argument): '\(name)' is no name of a reason, such as NETFILTER_DROP")
        }
        return names
    }
}

extension UInt8 {
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
