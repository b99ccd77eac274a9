// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopRules
import SkoopTesting
import SkoopYAML
import Testing

@Suite struct RuleFilesTests {
    private static func rule(_ id: String, explains: String = "listen-overflow") -> String {
        """
        rules:
        - id: \(id)
          cause: b
          when: {increase: kubeskoop_udp_noports, atLeast: 1}
          advice: [c]
          explains:
            - \(explains)

        """
    }

    @Test func filesExplainEachOther() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.rule("one", explains: "two"), to: "1")
        try directory.write(Self.rule("two", explains: "one"), to: "2")
        let paths = ["1", "2"].map { directory.path + "/" + $0 }
        #expect(try RuleFile.read(paths).map(\.id) == ["one", "two"])
        let check = RuleCheck(paths)
        #expect(check.text == "2 rules can be used\n" && check.exitStatus == 0)
    }

    @Test func everyErrorOfEveryFileIsTold() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.rule("one", explains: "ome"), to: "1")
        try directory.write(Self.rule("one"), to: "2")
        try directory.write(Self.rule("listen-overflow", explains: "path-los"), to: "3")
        let check = RuleCheck(["1", "2", "3"].map { directory.path + "/" + $0 })
        #expect(
            check.text.replacing(directory.path + "/", with: "") == """
                1:7: rules[0].explains: unknown rule 'ome', did you mean 'one'?
                2:2: rules[0]: rule 'one' is there twice, first in 1:2
                3:2: rules[0]: rule 'listen-overflow' comes with the library; give this one another id
                3:7: rules[0].explains: unknown rule 'path-los', did you mean 'path-loss'?

                """)
        #expect(check.exitStatus == 1)
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.path, directory.path + "/none", "/dev/zero"] {
            let check = RuleCheck([path])
            #expect(check.text.hasPrefix("\(path): cannot be read, a readable file is needed: "), "\(check.text)")
            #expect(check.exitStatus == 2)
        }
    }
}
