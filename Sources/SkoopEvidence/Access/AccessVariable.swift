// SPDX-License-Identifier: Apache-2.0

/// The variables of nginx's `log_format` that say something about causes.
///
/// Sources: ngx_http_log_module, ngx_http_upstream_module, ngx_http_limit_req_module, ngx_http_limit_conn_module.
enum AccessVariable: String, CaseIterable {
    case localTime = "time_local"
    case isoTime = "time_iso8601"
    case milliseconds = "msec"
    case status
    case requestTime = "request_time"
    case upstreamAddress = "upstream_addr"
    case upstreamStatus = "upstream_status"
    case connectTime = "upstream_connect_time"
    case headerTime = "upstream_header_time"
    case responseTime = "upstream_response_time"
    case receivedBytes = "upstream_bytes_received"
    case requestLimit = "limit_req_status"
    case connectionLimit = "limit_conn_status"

    /// Whether a variable has a value for each upstream that was asked: `a, b : c`.
    static func isList(_ name: String) -> Bool {
        name.hasPrefix("upstream_") && !["upstream_cache_status", "upstream_cache_key"].contains(name)
    }

    /// Members of JSON texts that mean a variable, as people name them: without regard to case, `_`, `-` and `@`.
    static let spellings: [String: AccessVariable] = {
        var names: [String: AccessVariable] = [
            "time": .isoTime, "timestamp": .isoTime, "ts": .isoTime, "statuscode": .status, "code": .status,
        ]
        for variable in allCases { names[comparable(variable.rawValue)] = variable }
        return names
    }()

    /// A name without what people write differently.
    static func comparable(_ name: String) -> String { String(name.lowercased().filter { !"_-@".contains($0) }) }
}

/// The values of a line's variables; nil where the format has not the variable.
struct AccessFields {
    private var values = [ArraySlice<UInt8>?](repeating: nil, count: AccessVariable.allCases.count)
    private static let positions = Dictionary(
        uniqueKeysWithValues: AccessVariable.allCases.enumerated().map { ($1, $0) })

    subscript(variable: AccessVariable) -> ArraySlice<UInt8>? {
        get { values[Self.positions[variable] ?? 0] }
        set { values[Self.positions[variable] ?? 0] = newValue }
    }
}
