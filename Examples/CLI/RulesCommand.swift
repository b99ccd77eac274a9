// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAgent
import SkoopReport
import SkoopRuleTesting
import SkoopRules

/// `skoop rules`: which causes are known, and how they are found.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Tells which causes are looked for, and tries rules of your own.",
        subcommands: [List.self, Show.self, Check.self, Test.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the rules.")
        @Option(parsing: .upToNextOption, help: "Also those of these files.") var rules: [String] = []
        func run() throws { print(RuleText.list(try RuleFile.together(with: rules)), terminator: "") }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows all of a rule.")
        @Argument(help: "The rule's id.") var id: String
        @Option(parsing: .upToNextOption, help: "Look for it in these files too.") var rules: [String] = []
        func run() throws {
            print(RuleText.show(try RuleFile.rule(id, in: RuleFile.together(with: rules))), terminator: "")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says whether files of rules can be used together.",
            discussion: "Ends with 0 where they can, 1 where something is wrong in them, 2 where one cannot be read.")
        @Argument(help: "Files of rules.") var files: [String]
        func run() throws {
            let check = RuleCheck(files)
            print(check.text, terminator: "")
            throw ExitCode(check.exitStatus)
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs rules against recorded evidence.",
            discussion: "Ends with 0 where every test passes, 1 where one fails, 2 where a file cannot be used.")
        @Argument(help: "Files of tests.") var files: [String]
        func run() throws {
            let run = RuleTestRun(files)
            print(RuleTestReport(.forStandardOutput).text(run), terminator: "")
            throw ExitCode(run.exitStatus)
        }
    }
}
