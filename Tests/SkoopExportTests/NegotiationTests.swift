// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import Testing

@Suite struct NegotiationTests {
    private static let text = "text/plain; version=0.0.4; charset=utf-8"
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    private static let draft = "application/openmetrics-text; version=0.0.1; charset=utf-8"

    @Test(
        arguments: [
            (nil, text), ("", text), ("*/*", text), ("text/*", text), ("text/plain", text),
            ("TEXT/Plain ; Q=0.5", text),
            ("text/plain; charset=utf-8", text), ("text/plain;version=\"0.0.4\"", text),
            // Prometheus 2.42
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", openMetrics
            ),
            // Prometheus before, and after with native histograms
            ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", draft),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
                    + "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", openMetrics
            ),
            // Prometheus 3
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                    + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", openMetrics + "; escaping=allow-utf-8"
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                    + "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,"
                    + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", openMetrics + "; escaping=underscores"
            ),
            (
                "text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.9",
                "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            ),
            ("text/plain;version=0.0.4;escaping=values", text + "; escaping=values"),
            ("text/plain;version=0.0.4;escaping=dots", text + "; escaping=underscores"),
            ("application/openmetrics-text;escaping=evil\"\r\nX: y", openMetrics + "; escaping=underscores"),
            ("application/openmetrics-text", openMetrics), ("application/openmetrics-text,*/*", openMetrics),
            ("application/openmetrics-text;version=2.0.0,*/*;q=0.1", text),
            ("application/openmetrics-text;q=0.3,text/plain;q=0.4", text),
            ("application/openmetrics-text;q=0,*/*", text), ("text/plain;q=0,*/*", openMetrics),
            ("application/json", "application/json"), ("application/json;q=0.9,text/plain;q=0.8", "application/json"),
            ("application/*", openMetrics),
            // A browser
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", text),
            // Nothing fits, or nothing can be read
            ("image/png", text), ("*/*;q=0", text), (";;;,,,=;q=", text), ("text/plain;q=2", text),
            ("application/openmetrics-text;q=0.5,text/plain;q=oops", openMetrics),
        ] as [(String?, String)])
    func `an Accept header finds its type`(accept: String?, type: String) throws {
        let choice = try ContentNegotiation.format(accept: accept)
        #expect(choice.contentType == type)
        let expected: ExpositionFormat =
            type.hasPrefix("text/") ? .prometheus : type == "application/json" ? .json : .openMetrics
        #expect(choice.format == expected)
    }

    @Test func `the query wins over the header`() throws {
        for format in ExpositionFormat.allCases {
            let choice = try ContentNegotiation.format(
                accept: "text/plain", query: "a=b&format=\(format.rawValue)&format=x")
            #expect(choice.format == format)
            #expect(choice.contentType == format.contentType)
        }
        #expect(try ContentNegotiation.format(accept: "application/json", query: "informat=x&a").format == .json)
        #expect(try ContentNegotiation.format(accept: nil, query: "format=JSON").format == .json)
    }

    @Test(arguments: ["xml", "", "json2"])
    func `an unknown format is refused with what is allowed`(value: String) {
        let error = #expect(throws: ContentNegotiation.UnknownFormat.self) {
            try ContentNegotiation.format(accept: nil, query: "format=\(value)")
        }
        #expect(error?.description == "format: '\(value)' is not one of prometheus, openmetrics, json")
    }

    @Test(
        arguments: [
            (nil, .identity), ("", .identity), ("gzip", .gzip), ("x-gzip", .gzip), ("GZIP", .gzip), ("zstd", .zstd),
            ("gzip, deflate, br", .gzip), ("gzip, deflate, br, zstd", .zstd), ("gzip;q=1.0, zstd;q=0.5", .gzip),
            ("gzip;q=0", .identity), ("*", .zstd), ("gzip, *;q=0.5", .gzip), ("zstd;q=0, *", .gzip), ("br", .identity),
            ("identity", .identity), ("identity, gzip;q=0.5", .identity), ("identity;q=0.5, gzip;q=0.3", .identity),
            ("gzip, identity;q=0", .gzip), ("identity;q=0", nil), ("*;q=0", nil), ("*;q=0, identity", .identity),
            ("br, identity;q=0", nil), ("identity;q=0, *", .zstd), ("gzip;q=0.001", .gzip), ("gzip;q=abc", .identity),
            ("gzip;q=0.0000", .identity), ("gzip;q=1.5", .gzip),
        ] as [(String?, ContentCoding?)])
    func `an Accept-Encoding header finds its coding`(header: String?, coding: ContentCoding?) {
        #expect(ContentCoding.negotiate(acceptEncoding: header) == coding)
    }
}
