// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct SeriesGuardTests {
    private func family(
        _ name: String, _ labels: Metric.Labels = .entity(), kind: Metric.Kind = .gauge,
        rows: [(EntityTable.Index, [String])] = [(0, [])]
    ) -> Family {
        var family = Family(Metric(name: name, probe: "p", kind: kind, help: "h", labels: labels, source: ""))
        for (entity, values) in rows { family.append(1, for: entity, labels: values) }
        return family
    }

    private func problems(_ families: Family...) -> [String] {
        var guardian = SeriesGuard()
        guardian.begin(SampleSnapshot.entities())
        return guardian.problems(in: families).map(\.description)
    }

    @Test func `a valid page has no problem`() {
        var guardian = SeriesGuard()
        for snapshot in [SampleSnapshot.everything(), SampleSnapshot.large(entities: 50, metrics: 50)] {
            #expect(guardian.begin(snapshot.entities) == [])
            #expect(guardian.problems(in: snapshot.families) == [])
        }
        var random = SeededGenerator()
        for _ in 0..<100 {
            let snapshot = SampleSnapshot.random(using: &random)
            #expect(guardian.begin(snapshot.entities) == [])
            #expect(guardian.problems(in: snapshot.families) == [])
        }
    }

    @Test func `the catalogue makes a valid page`() {
        let snapshot = SampleSnapshot.catalogue(entities: 3)
        var guardian = SeriesGuard()
        guardian.begin(snapshot.entities)
        #expect(guardian.problems(in: snapshot.families).map(\.description) == [])
    }

    @Test func `duplicate series are named with their labels`() {
        #expect(
            problems(family("a", rows: [(0, []), (1, []), (1, [])])) == [
                #"a: series {k8s_node="node-1",k8s_namespace="shop",k8s_pod="cart-0",app="cart"} occurs twice"#
            ])
        let extra = Metric.Labels.node(extra: ["x", "y"])
        #expect(
            problems(family("a", extra, rows: [(0, ["1", "2"]), (0, ["1", "3"]), (2, ["1", "2"])])) == [
                #"a: series {k8s_node="node-1",x="1",y="2"} occurs twice"#
            ])
        #expect(
            problems(family("a", .plain(["x"]), rows: [(0, [""]), (0, [""])])) == [#"a: series {x=""} occurs twice"#])
        #expect(problems(family("a", .plain(), rows: [(0, []), (1, [])])) == ["a: series {} occurs twice"])
        #expect(
            problems(family("a", .node(), rows: [(0, []), (0, [])])) == [#"a: series {k8s_node="node-1"} occurs twice"#]
        )
    }

    @Test func `what only looks the same is not a duplicate`() {
        let entity = Metric.Labels.entity(extra: ["x", "y"])
        #expect(
            problems(
                family("a", entity, rows: [(0, ["1", "2"]), (1, ["1", "2"]), (0, ["2", "1"]), (0, ["12", ""])])) == [])
        // Unicode holds these to be equal; as bytes they are two series.
        #expect(problems(family("a", .plain(["x"]), rows: [(0, ["\u{e9}"]), (0, ["e\u{301}"])])) == [])
    }

    @Test func `every duplicate in a large family is found`() {
        var random = SeededGenerator()
        for count in [2, 3, 1000, 5000] {
            var rows: [(EntityTable.Index, [String])] = (0..<count).map { (EntityTable.Index($0 % 3), ["\($0 / 3)"]) }
            #expect(problems(family("a", .entity(extra: ["x"]), rows: rows)) == [])
            let copy = rows[Int.random(in: 0..<count - 1, using: &random)]
            rows[count - 1] = copy
            #expect(problems(family("a", .entity(extra: ["x"]), rows: rows)).count == 1)
        }
    }

    @Test func `a family is taken once, across probes and across OpenMetrics' names`() {
        var guardian = SeriesGuard()
        guardian.begin(SampleSnapshot.entities())
        #expect(guardian.problems(in: [family("a"), family("b_total", kind: .counter)]) == [])
        #expect(guardian.problems(in: [family("a")]).map(\.description) == ["a: the page has this family already"])
        #expect(
            guardian.problems(in: [family("c"), family("b"), family("b_created")]).map(\.description) == [
                "b: OpenMetrics cannot tell this family from 'b_total'",
                "b_created: OpenMetrics cannot tell this family from 'b_total'",
            ])
        // A probe that was refused has taken no name.
        #expect(guardian.problems(in: [family("c"), family("d_total")]) == [])
        #expect(guardian.problems(in: [family("e"), family("e")]).count == 1)
        guardian.begin(SampleSnapshot.entities())
        #expect(guardian.problems(in: [family("a")]) == [])
    }

    @Test(arguments: ["", "1a", "a-b", "a b", "é", "a{", "a\n"])
    func `invalid names are refused`(name: String) {
        #expect(problems(family(name)).count == 1)
        #expect(problems(family("a", .plain([name]), rows: [(0, ["x"])])).count == 1)
        var guardian = SeriesGuard()
        #expect(guardian.begin(EntityTable(node: "n", additionalLabelNames: ["app", name])).count == 1)
    }

    @Test func `labels are reserved, and each is there once`() {
        for labels: Metric.Labels in [
            .entity(extra: ["k8s_pod"]), .entity(extra: ["app"]), .node(extra: ["k8s_node"]), .plain(["__name__"]),
            .plain(["a:b"]),
        ] {
            #expect(problems(family("a", labels, rows: [(0, ["x"])])).count == 1, "\(labels)")
        }
        #expect(problems(family("a", .plain(["x", "x"]), rows: [(0, ["1", "2"])])).count == 1)
        #expect(problems(family("a:b", .plain(["k8s_node"]), rows: [(0, ["x"])])) == [])
        var guardian = SeriesGuard()
        #expect(guardian.begin(EntityTable(node: "n", additionalLabelNames: ["k8s_pod", "x", "x"])).count == 2)
    }

    @Test func `rows of no entity are refused`() {
        #expect(problems(family("a", rows: [(-1, [])])) == ["a: there is no entity -1"])
        #expect(problems(family("a", rows: [(3, [])])) == ["a: there is no entity 3"])
        #expect(problems(family("a", .node(), rows: [(3, [])])) == [])
    }

    @Test func `entities that look the same are found`() {
        var table = SampleSnapshot.entities()
        let twin = table.append(table.entities[1], additionalLabelValues: ["cart"])
        table.append(table.entities[1], additionalLabelValues: ["other"])
        #expect(SeriesGuard.indistinguishable(in: table) == [twin])
    }

    @Test(.enabled(if: Allocations.areCounted, "needs glibc and no sanitizer"))
    func `rows are checked without allocation`() {
        var guardian = SeriesGuard()
        func allocations(_ snapshot: Snapshot) -> Int {
            guardian.begin(snapshot.entities)
            _ = guardian.problems(in: snapshot.families)
            guardian.begin(snapshot.entities)
            return Allocations.count { _ = guardian.problems(in: snapshot.families) }
        }
        let few = allocations(SampleSnapshot.large(entities: 50, metrics: 100))
        let many = allocations(SampleSnapshot.large(entities: 500, metrics: 100))
        #expect(many - few < 100, "\(few) allocations for 5,000 rows, \(many) for 50,000")
    }
}
