// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopKubernetes
import SkoopSystem

/// The pods of this host for tools that look once, or for a while.
extension RuntimePods {
    /// How long a runtime may take to answer before a tool goes on without it.
    static let patience: Duration = .seconds(3)

    /// Why pods have no names, where a runtime should have them; nil where it has answered, or there is none.
    var complaint: String? {
        let status = status
        guard status.isWanted, status.answers == 0 else { return nil }
        guard let failure = status.failure else {
            return "the container runtime has not answered within \(Self.patience.shortText), pods have no names"
        }
        // A host without containers has no runtime, and that is no fault.
        if failure.reason == .absent, settings?.socket == nil { return nil }
        return "no container runtime answers, pods have no names: \(failure.message)"
    }

    /// The chain in which it is asked first.
    var chain: [any EntityProvider] { [provider] + EntityResolver.builtInProviders }
}
