// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopKubernetes

/// What a cluster costs that has 10,000 pods with two addresses each, 1,000 services, 500 nodes, and the slices of both.
@Suite(.serialized) struct ClusterSizeTests {
    private static let pods = 10_000

    private static func address(_ number: Int, _ version: Int) -> String {
        version == 4 ? "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)" : "fd00::\(String(number, radix: 16))"
    }

    private static func pod(_ number: Int) -> String {
        """
        {"metadata":{"name":"checkout-service-\(number / 10)-7d4b9c6f5-\(String(number, radix: 36))","namespace":\
        "team-\(number % 50)","uid":"9b0f6d8e-0f25-4f0a-8a52-\(100_000_000_000 + number)","resourceVersion":"\(number)",\
        "creationTimestamp":"2026-11-23T08:00:00Z","labels":{"app":"checkout","pod-template-hash":"7d4b9c6f5"}},\
        "spec":{"nodeName":"node-\(number % 500)","containers":[{"name":"main","image":"registry.example/checkout:1"}]},\
        "status":{"phase":"Running","podIP":"\(address(number, 4))","podIPs":[{"ip":"\(address(number, 4))"},\
        {"ip":"\(address(number, 6))"}],"startTime":"2026-11-23T08:00:01Z"}}
        """
    }

    private static func slice(_ number: Int, _ version: Int) -> String {
        let endpoints = (0..<10).map { "{\"addresses\":[\"\(address(number * 10 + $0, version))\"]}" }
        return """
            {"metadata":{"name":"checkout-service-\(number)-abc\(version)","namespace":"team-\(number % 50)","labels":\
            {"kubernetes.io/service-name":"checkout-service-\(number)"}},"endpoints":[\(endpoints.joined(separator: ","))]}
            """
    }

    private static func fill(_ table: inout ClusterTable) throws(JSONError) {
        func update(_ text: String, _ resource: ClusterResource) throws(JSONError) {
            table.update(try ClusterObject(parsing: Array(text.utf8)), of: resource, at: 1, wall: 1)
        }
        for number in 0..<pods { try update(pod(number), .pods) }
        for number in 0..<pods / 10 {
            let addresses = "\"10.96.\(number >> 8).\(number & 255)\",\"fd96::\(String(number, radix: 16))\""
            let metadata = "{\"name\":\"checkout-service-\(number)\",\"namespace\":\"team-\(number % 50)\"}"
            try update("{\"metadata\":\(metadata),\"spec\":{\"clusterIPs\":[\(addresses)]}}", .services)
            for version in [4, 6] { try update(slice(number, version), .endpointSlices) }
        }
        for number in 0..<500 {
            let address = "{\"type\":\"InternalIP\",\"address\":\"192.0.\(number >> 8).\(number & 255)\"}"
            try update("{\"metadata\":{\"name\":\"node-\(number)\"},\"status\":{\"addresses\":[\(address)]}}", .nodes)
        }
    }

    @Test(.enabled(if: Allocations.areCounted, "allocations are not counted here")) func tenThousandPodsAreSmall()
        throws
    {
        var table = ClusterTable()
        let bytes = try Allocations.bytes { () throws(JSONError) in try Self.fill(&table) }
        #expect(table.count(of: .pods) == Self.pods && table.count(of: .endpointSlices) == 2000)
        #expect(table.addresses == 2 * Self.pods + 2000 + 500)
        let last = try #require(IPAddress(Self.address(Self.pods - 1, 6)))
        #expect(table.peer(of: last).pod == "checkout-service-999-7d4b9c6f5-\(String(Self.pods - 1, radix: 36))")
        print("a cluster of 10,000 pods takes \(bytes / 1000) kB")
        #expect(bytes < 12_000_000 && bytes > 1_000_000, "\(bytes)")
        // What comes again takes no more.
        let more = try Allocations.bytes { () throws(JSONError) in try Self.fill(&table) }
        #expect(more < 100_000, "\(more)")
    }

    /// However long a list is: no more of it than an object is ever held.
    @Test(.enabled(if: Allocations.areCounted, "allocations are not counted here")) func aListIsReadByTheObject() throws
    {
        let chunk = Array(("," + Self.pod(1)).utf8)
        var splitter = JSONSplitter(.elements(of: "items"), longest: 1 << 20)
        var count = 0
        let bytes = try Allocations.bytes { () throws(JSONError) in
            try splitter.feed(Array(#"{"kind":"PodList","items":[{}"#.utf8)) { (_) throws(JSONError) in count += 1 }
            for _ in 0..<2000 {
                try splitter.feed(chunk) { (object) throws(JSONError) in
                    count += try ClusterObject(parsing: object).addresses.count == 2 ? 1 : 0
                }
            }
            try splitter.feed(Array(#"],"metadata":{"resourceVersion":"7"}}"#.utf8)) { (_) throws(JSONError) in
                count += 1
            }
        }
        #expect(count == 2001 && bytes < 20_000, "\(bytes)")
        #expect(try ListEnd(parsing: splitter.rest).version == "7")
    }
}
