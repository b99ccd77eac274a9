// SPDX-License-Identifier: Apache-2.0

/// A request as a line of an access log tells it.
struct AccessLine {
    /// How far the last upstream that was asked got.
    enum Reach: String {
        /// None was asked.
        case none
        /// There was no address to ask: a name that is not resolved, a group of which nobody is alive.
        case unnamed
        /// It was not connected.
        case connect
        /// It was connected, and no header of an answer came.
        case header
        /// A header came.
        case answered
        /// It was asked, and the format does not tell more.
        case asked
        /// The format does not tell.
        case unknown
    }

    /// What is wrong with a line.
    struct Mistake: Error {
        var message: String
    }

    /// Nanoseconds since 1970 at the end of the request.
    var time: UInt64
    /// Three digits.
    var status: String
    var reach: Reach
    /// Nanoseconds, where the format has them.
    var requestTime: UInt64?
    /// Of the last upstream.
    var connectTime: UInt64?
    var headerTime: UInt64?
    var responseTime: UInt64?
    /// Of all upstreams one after the other.
    var allResponseTimes: UInt64?
    /// Bytes that the last upstream sent.
    var receivedBytes: UInt64?
    /// The states of limits that did not let the request pass at once, by `request` and `connection`.
    var limits: [(limit: String, result: String)] = []

    /// A page: the smallest `proxy_buffer_size` by default.
    private static let page: UInt64 = 4096

    /// Whether the upstream's header was too large for the buffer.
    var isOversized: Bool { status == "502" && reach == .header && (receivedBytes ?? 0) >= Self.page }

    /// Reads the values of a line.
    init(_ fields: AccessFields, _ clock: inout AccessClock) throws(Mistake) {
        guard let time = clock.time(of: fields) else { throw Mistake(message: "no time, or none that can be read") }
        guard let status = fields[.status], status.count == 3, status.allSatisfy({ (48...57).contains($0) }) else {
            throw Mistake(message: "no status of three digits")
        }
        self.time = time
        self.status = String(decoding: status, as: UTF8.self)
        requestTime = try Self.seconds(fields, .requestTime).last ?? nil
        let connects = try Self.seconds(fields, .connectTime)
        let headers = try Self.seconds(fields, .headerTime)
        let responses = try Self.seconds(fields, .responseTime)
        connectTime = connects.last ?? nil
        headerTime = headers.last ?? nil
        responseTime = responses.last ?? nil
        allResponseTimes = responses.compactMap { $0 }.reduce(nil) { ($0 ?? 0) &+ $1 }
        receivedBytes = Self.elements(fields[.receivedBytes]).last.flatMap {
            UInt64(String(decoding: $0, as: UTF8.self))
        }
        reach = Self.reach(fields)
        for (variable, limit) in [(AccessVariable.requestLimit, "request"), (.connectionLimit, "connection")] {
            guard let value = fields[variable].map({ String(decoding: $0, as: UTF8.self).lowercased() }) else {
                continue
            }
            if ["rejected", "delayed"].contains(value) { limits.append((limit, value)) }
        }
    }

    private static func reach(_ fields: AccessFields) -> Reach {
        let upstream: [AccessVariable] = [.upstreamAddress, .upstreamStatus, .responseTime, .connectTime, .headerTime]
        let known = upstream.filter { fields[$0] != nil }
        guard !known.isEmpty else { return .unknown }
        func last(_ variable: AccessVariable) -> ArraySlice<UInt8>? { fields[variable].map { elements($0).last ?? [] } }
        func isNothing(_ value: ArraySlice<UInt8>) -> Bool { value.isEmpty || value.elementsEqual([UInt8(ascii: "-")]) }
        if known.allSatisfy({ last($0).map(isNothing) ?? true }) { return .none }
        if let address = last(.upstreamAddress) {
            if isNothing(address) { return .none }
            if !address.contains(UInt8(ascii: ":")) { return .unnamed }
        }
        let header = last(.headerTime)
        if let header, !isNothing(header) { return .answered }
        if let connect = last(.connectTime), isNothing(connect) { return .connect }
        // Without the header's time, a status of the upstream's own tells that there was one.
        if header == nil, !["499", "502", "504", "-", ""].contains(last(.upstreamStatus).map { Self.text($0) } ?? "-") {
            return .answered
        }
        if header == nil, last(.upstreamStatus) == nil,
            !["499", "502", "504"].contains(fields[.status].map { Self.text($0) } ?? "")
        {
            return .answered
        }
        return fields[.connectTime] != nil && header != nil ? .header : .asked
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The values for each upstream.
    private static func elements(_ list: ArraySlice<UInt8>?) -> [ArraySlice<UInt8>] {
        guard let list else { return [] }
        // A colon between blanks is a separator, any other part of an address.
        return list.split(separator: UInt8(ascii: " ")).filter { !$0.elementsEqual([UInt8(ascii: ":")]) }
            .map { $0.last == UInt8(ascii: ",") ? $0.dropLast() : $0 }
    }

    /// Times of each upstream in nanoseconds; nil where there is none.
    private static func seconds(_ fields: AccessFields, _ variable: AccessVariable) throws(Mistake) -> [UInt64?] {
        var times: [UInt64?] = []
        for element in elements(fields[variable]) {
            if element.elementsEqual([UInt8(ascii: "-")]) {
                times.append(nil)
                continue
            }
            guard let time = AccessClock.nanoseconds(element), time < 10_000_000_000_000_000 else {
                throw Mistake(message: "$\(variable.rawValue) is '\(text(element.prefix(40)))', which is no time")
            }
            times.append(time)
        }
        return times
    }
}
