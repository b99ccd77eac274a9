// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel

/// What connection tracking tells of.
enum ConntrackKind: Int, CaseIterable, Sendable {
    case new, update, destroy, expectationNew, expectationDestroy

    /// The kind of a message by its type and flags; nil for one that is not known.
    ///
    /// Source: `ctnetlink_conntrack_event` and `ctnetlink_expect_event` in `net/netfilter/nf_conntrack_netlink.c`.
    init?(type: UInt16, flags: UInt16) {
        // NLM_F_CREATE or NLM_F_EXCL.
        let isNew = flags & 0x600 != 0
        switch (type >> 8, type & 0xff) {
        case (1, 0): self = isNew ? .new : .update
        case (1, 2): self = .destroy
        case (2, 0): self = .expectationNew
        case (2, 2): self = .expectationDestroy
        default: return nil
        }
    }

    /// The event's type.
    var event: ConntrackEvent {
        switch self {
        case .new: .new
        case .update: .update
        case .destroy: .destroy
        case .expectationNew: .expectationNew
        case .expectationDestroy: .expectationDestroy
        }
    }

    /// The value of the label `event`.
    var label: String {
        switch self {
        case .new: "new"
        case .update: "update"
        case .destroy: "destroy"
        case .expectationNew: "expectation_new"
        case .expectationDestroy: "expectation_destroy"
        }
    }

    /// Its multicast group of nfnetlink, `enum nfnetlink_groups`.
    var group: UInt32 {
        switch self {
        case .new: 1
        case .update: 2
        case .destroy: 3
        case .expectationNew: 4
        case .expectationDestroy: 6
        }
    }

    /// What the configuration calls it.
    private var choice: String {
        switch self {
        case .new, .update, .destroy: label
        case .expectationNew, .expectationDestroy: "expectation"
        }
    }

    /// The argument that chooses kinds.
    static let argument = ProbeArgument(
        "kinds", .list(of: ["new", "update", "destroy", "expectation"]),
        help: "which events to report; all but update by default")

    /// The kinds that the configuration asks for.
    static func wanted(_ environment: ProbeEnvironment) -> Set<ConntrackKind> {
        guard case .list(let names)? = environment.arguments[argument.name] else {
            return Set(allCases).subtracting([.update])
        }
        return Set(allCases.filter { names.contains($0.choice) })
    }
}
