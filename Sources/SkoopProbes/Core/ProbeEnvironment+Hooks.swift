// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPF

extension ProbeEnvironment {
    /// The kinds that the environment variable `SKOOP_AVOID_HOOKS` lists, separated by commas.
    static let generallyAvoidedHooks: Set<String> = {
        guard let list = getenv("SKOOP_AVOID_HOOKS") else { return [] }
        return Set(String(cString: list).split(separator: ",").map { $0.filter { $0 != " " } })
    }()

    /// Alternatives in the order in which they are to be tried: those to be avoided last.
    func ordered(_ alternatives: [BPFAttachment]) -> [BPFAttachment] {
        alternatives.filter { !avoids($0.hook) } + alternatives.filter { avoids($0.hook) }
    }

    private func avoids(_ hook: Hook) -> Bool { avoidedHooks.contains { hook.description.hasPrefix($0 + "/") } }
}
