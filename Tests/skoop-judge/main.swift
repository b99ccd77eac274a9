// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopJudge
import SkoopTesting

// Plays scenarios and says how good the rules are: [--rounds N] [--width N] [--write FILE] [--healthy-minutes N] [part of a name]...;
// or --list them; or print the reference of the --cases. Minutes without a fault come besides the scenarios, once.
var rounds = 1
var width = 4
var file: String?
var minutes = 0
var parts: [String] = []
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--rounds": rounds = arguments.popFirst().flatMap { Int($0) } ?? rounds
    case "--width": width = arguments.popFirst().flatMap { Int($0) } ?? width
    case "--healthy-minutes": minutes = arguments.popFirst().flatMap { Int($0) } ?? minutes
    case "--write": file = arguments.popFirst()
    case "--cases":
        print(CaseReference.markdown(), terminator: "")
        exit(0)
    case "--list":
        for scenario in LabScenario.all { print("\(scenario.name): \(scenario.causes.joined(separator: ", "))") }
        exit(0)
    default: parts.append(argument)
    }
}
let scenarios = LabScenario.all.filter { scenario in parts.isEmpty || parts.contains { scenario.name.contains($0) } }
let judge = try Judge()
var generator = SeededGenerator()
var verdicts: [Verdict] = []
for round in 1...max(1, rounds) {
    print("round \(round) of \(rounds): \(scenarios.count) scenarios")
    verdicts += judge.play(
        scenarios + (round == 1 && minutes > 0 ? [.atWork(minutes: minutes)] : []), seed: generator.next(), width: width
    ) { verdict in
        print(verdict.text)
        fflush(nil)
    }
}
let accuracy = Accuracy(verdicts)
print(accuracy.markdown)
if let file {
    try accuracy.document(seed: generator.seed, rounds: rounds).write(toFile: file, atomically: true, encoding: .utf8)
}
exit(accuracy.isGood ? 0 : 1)
