// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAnalysis
import SkoopReport

/// `skoop rules`: which causes are known, and how they are found.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Tells which causes are looked for.", subcommands: [List.self, Show.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the rules.")
        func run() { print(RuleText.list(Rule.builtIn), terminator: "") }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows all of a rule.")
        @Argument(help: "The rule's id.")
        var id: String

        func run() throws {
            guard let rule = Rule.builtIn.first(where: { $0.id == id }) else {
                throw ValidationError(
                    "unknown rule '\(id)', allowed: \(Rule.builtIn.map(\.id).joined(separator: ", "))")
            }
            print(RuleText.show(rule), terminator: "")
        }
    }
}
