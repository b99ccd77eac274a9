// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What the access log of a proxy says: nginx or what writes its variables.
///
/// No probe has them: a source of evidence reads a log and counts its lines.
public enum AccessMetric: String, MetricSet {
    case requests = "skoop_access_request_seconds"
    case upstream = "skoop_access_upstream_seconds"
    case own = "skoop_access_own_seconds"
    case limited = "skoop_access_limited_total"
    case oversized = "skoop_access_oversized_headers_total"
    case malformed = "skoop_access_malformed_lines_total"

    public static let probe = "access"
    public static let summary = "requests to a proxy, as its access log has them"

    public var definition: MetricDefinition {
        switch self {
        case .requests:
            .latencies(
                "time from the first byte of a request to its line, by status and by how far the last upstream got",
                name: rawValue, labels: .entity(extra: ["status", "upstream"]), source: "$request_time, $status",
                rise:
                    "Compare with the upstream's times: what is longer here is the client's or the proxy's own. The label "
                    + "upstream is none (not asked), unnamed (no address to ask), connect (not connected), header (no "
                    + "header of an answer came), answered, asked or unknown (the log has not the variables).")
        case .upstream:
            .latencies(
                "time the last upstream took to connect, from there to the header of its answer, and to the body's end",
                name: rawValue, labels: .entity(extra: ["phase"]),
                source: "$upstream_connect_time, $upstream_header_time, $upstream_response_time",
                rise:
                    "Of connect: the way, or a full listen queue. Of header: the application thinks. Of body: it sends "
                    + "slowly, or the client reads slowly.")
        case .own:
            .latencies(
                "time of a request in which no upstream was being asked", name: rawValue, labels: .entity(),
                source: "$request_time less all of $upstream_response_time",
                rise: "Clients send their requests or read the answers slowly, or the proxy itself has no CPU.")
        case .limited:
            .counter(
                "requests that a limit of the proxy refused or delayed", name: rawValue,
                labels: .entity(extra: ["limit", "result"]), source: "$limit_req_status, $limit_conn_status",
                rise: "Clients ask more often, or over more connections, than limit_req or limit_conn allow.")
        case .oversized:
            .counter(
                "answers whose header did not fit into the proxy's buffer", name: rawValue,
                source: "status 502 with $upstream_bytes_received of at least a page and no $upstream_header_time",
                rise: "Cookies or tokens have become longer than proxy_buffer_size.")
        case .malformed:
            .counter(
                "lines that are not in the format of the log", name: rawValue, source: "the log",
                rise: "The format that was given is not the log's.")
        }
    }
}
