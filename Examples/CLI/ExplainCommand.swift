// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopModel

/// `skoop explain METRIC`: what a metric means, in whatever spelling it is asked for.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what a metric means, where the kernel counts it and what a rise suggests.",
        discussion: "Old names, misspelt names, parts of names and names of probes will do.")

    @Argument(help: "A metric or a probe, in any spelling.")
    var metrics: [String]

    func run() throws {
        var isUnknown = false
        for metric in metrics {
            let explanation = Catalogue.explain(metric)
            print(explanation, terminator: metric == metrics.last ? "" : "\n")
            if explanation.resolution == .unknown, explanation.probe == nil { isUnknown = true }
        }
        if isUnknown { throw ExitCode(1) }
    }
}
