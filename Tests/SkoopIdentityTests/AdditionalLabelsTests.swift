// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import Testing

@Suite struct AdditionalLabelsTests {
    private let pod = ["app": "web", "app.kubernetes.io/name": "shop", "b": "2"]

    @Test(
        "an expression mixes text and the pod's labels",
        arguments: [
            ("app=${labels:app}", "app", "web"),
            ("  app =  ${labels:app}  ", "app", "web"),
            ("app=${labels: app }", "app", "web"),
            ("app=${ labels :app}", "app", "web"),
            ("name=${labels:app.kubernetes.io/name}", "name", "shop"),
            ("both=prefix_${labels:app}_${labels:b}", "both", "prefix_web_2"),
            ("close=${labels:app}${labels:b}", "close", "web2"),
            ("missing=${labels:none}", "missing", ""),
            ("part=a_${labels:none}_z", "part", "a_" + "_z"),
            ("text=environment", "text", "environment"),
            ("empty=", "empty", ""),
            ("words=two words", "words", "two words"),
            ("equation=a=b", "equation", "a=b"),
            ("money=5$ or $x {y}", "money", "5$ or $x {y}"),
            ("_x9=${labels:app}", "_x9", "web"),
        ])
    func values(entry: String, name: String, value: String) throws {
        let labels = try AdditionalLabels([entry])
        #expect(labels.names == [name])
        #expect(labels.values(for: pod) == [value])
    }

    @Test("what made a pod is told by kind and name")
    func workload() throws {
        let labels = try AdditionalLabels(["owner=${workload:kind}/${ workload : name }", "app=${labels:app}"])
        let web = Workload(kind: "Deployment", name: "web")
        #expect(labels.values(for: pod, workload: web) == ["Deployment/web", "web"])
        #expect(labels.values(for: pod) == ["/", "web"])
    }

    @Test("entries keep their order")
    func order() throws {
        let labels = try AdditionalLabels(["z=1", "a=${labels:b}"])
        #expect(labels.names == ["z", "a"])
        #expect(labels.values(for: pod) == ["1", "2"])
        #expect(labels.values(for: [:]) == ["1", ""])
    }

    @Test(
        "a bad entry is named with what is wrong",
        arguments: [
            ("app", .noEqualsSign),
            ("", .noEqualsSign),
            ("=x", .invalidName("")),
            ("9a=x", .invalidName("9a")),
            ("a-b=x", .invalidName("a-b")),
            ("a b=x", .invalidName("a b")),
            ("größe=x", .invalidName("größe")),
            ("k8s_pod=x", .reservedName("k8s_pod")),
            ("k8s_anything=x", .reservedName("k8s_anything")),
            ("__name__=x", .reservedName("__name__")),
            ("le=x", .reservedName("le")),
            ("cpu=x", .reservedName("cpu")),
            ("good=x", .duplicateName("good")),
            ("a=${labels:app", .unterminated("labels:app")),
            ("a=x_${", .unterminated("")),
            ("a=${annotations:app}", .unknownSource("annotations")),
            ("a=${app}", .unknownSource("app")),
            ("a=${labels:}", .emptyKey),
            ("a=${workload:}", .unknownWorkload("")),
            ("a=${workload:uid}", .unknownWorkload("uid")),
            ("a=${labels: }", .emptyKey),
            (
                "application=${labels:application} businessline=${labels:businessline} environment=environment",
                .severalAssignments(["application", "businessline", "environment"])
            ),
            ("a=${labels:a}\nb=${labels:b}", .severalAssignments(["a", "b"])),
            ("a=x b=y", .severalAssignments(["a", "b"])),
        ] as [(String, AdditionalLabelsError.Reason)])
    func errors(entry: String, reason: AdditionalLabelsError.Reason) {
        #expect(throws: AdditionalLabelsError(position: 1, entry: entry, reason: reason)) {
            try AdditionalLabels(["good=x", entry], reserved: ["cpu"])
        }
    }

    @Test("the message says where, what and what is allowed, in one line")
    func message() {
        let error = AdditionalLabelsError(position: 2, entry: "a=1\nb=2", reason: .severalAssignments(["a", "b"]))
        #expect(
            error.description
                == #"additionalLabels[2] "a=1\nb=2": one entry assigns a, b, write each as a list element of its own, with "- " before it"#
        )
        let unknown = AdditionalLabelsError(position: 0, entry: "a=${x:y}", reason: .unknownSource("x"))
        #expect(
            unknown.description
                == #"additionalLabels[0] "a=${x:y}": unknown source "x" in ${…}, allowed are ${labels:<pod label key>}, ${workload:kind}, ${workload:name}"#
        )
    }
}
