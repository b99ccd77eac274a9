// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Gives every subject its entity, and every entity labels that no other has.
struct EntityNaming {
    let providers: [any EntityProvider]

    /// Entities without the node, ordered by labels.
    struct Result {
        var named: [Entity]
        /// For each subject the position of its entity in ``named``; `nil` for a container on the host's network, or a
        /// namespace that has gone, that nobody knows.
        var ofSubject: [Int?]
    }

    private struct PodLabels: Hashable {
        var namespace: String
        var name: String
    }

    /// Names `subjects`, of which the earlier have precedence; those on the host's network come last but for those that have
    /// gone.
    func entities(of subjects: [EntitySubject]) -> Result {
        var drafts: [Draft] = []
        var draftOfSubject = [Int?](repeating: nil, count: subjects.count)
        var draftOfPod: [PodLabels: Int] = [:]
        for (position, subject) in subjects.enumerated() {
            switch claim(for: subject, taken: draftOfPod, drafts) {
            case .existing(let draft):
                draftOfSubject[position] = draft
            case .new(let draft):
                draftOfSubject[position] = drafts.count
                if draft.entity.kind == .pod {
                    draftOfPod[PodLabels(namespace: draft.entity.podNamespace, name: draft.entity.podName)] =
                        drafts.count
                }
                drafts.append(draft)
            case .none:
                break
            }
        }
        Self.spell(&drafts)
        let order = drafts.indices.sorted { one, other in
            let (one, other) = (drafts[one].entity, drafts[other].entity)
            return (one.podNamespace, one.podName) < (other.podNamespace, other.podName)
        }
        var positionOfDraft = [Int](repeating: 0, count: drafts.count)
        for (position, draft) in order.enumerated() { positionOfDraft[draft] = position }
        return Result(
            named: order.map { drafts[$0].entity }, ofSubject: draftOfSubject.map { $0.map { positionOfDraft[$0] } })
    }

    private enum Claim {
        case existing(Int)
        case new(Draft)
    }

    /// The first identity that the chain offers and that is free.
    private func claim(for subject: EntitySubject, taken: [PodLabels: Int], _ drafts: [Draft]) -> Claim? {
        for provider in providers {
            switch provider.identity(of: subject) {
            case .pod(let namespace, let name, let labels):
                guard Self.isAcceptable(namespace: namespace, name: name) else { continue }
                if let draft = taken[PodLabels(namespace: namespace, name: name)] {
                    // Several containers on the host's network may be one pod; two namespaces that live never are.
                    guard subject.isHostNetwork || subject.hasDeparted else { continue }
                    return .existing(draft)
                }
                return .new(
                    Draft(
                        Entity(
                            kind: .pod, namespace: subject.namespace.id, container: subject.container?.id ?? "",
                            podNamespace: namespace, podName: name, labels: labels)))
            case .container(let id, let labels):
                if subject.hasDeparted,
                    let draft = drafts.firstIndex(where: { $0.container?.key == id.key })
                {
                    return .existing(draft)
                }
                return .new(
                    Draft(
                        Entity(kind: .container, namespace: subject.namespace.id, container: id.id, labels: labels),
                        container: id, spellings: EntitySpelling.container(id)))
            case .mount(let path):
                return .new(
                    Draft(
                        Entity(kind: .namespace, namespace: subject.namespace.id),
                        spellings: EntitySpelling.mount(path, of: subject.namespace.id)))
            case nil:
                continue
            }
        }
        guard !subject.isHostNetwork, !subject.hasDeparted else { return nil }
        return .new(
            Draft(
                Entity(kind: .unknown, namespace: subject.namespace.id),
                spellings: [EntitySpelling.inode(subject.namespace.id)]))
    }

    private static func isAcceptable(namespace: String, name: String) -> Bool {
        !name.isEmpty
            && !(namespace.isEmpty && EntityIdentity.reservedPrefixes.contains(where: name.hasPrefix))
    }

    /// Writes the generated names: each as short as it can be without being that of another.
    private static func spell(_ drafts: inout [Draft]) {
        while true {
            var count: [String: Int] = [:]
            for draft in drafts { if let name = draft.spelling { count[name, default: 0] += 1 } }
            var lengthened = false
            for index in drafts.indices {
                guard let name = drafts[index].spelling, count[name, default: 0] > 1 else { continue }
                if drafts[index].lengthen() { lengthened = true }
            }
            if !lengthened { break }
        }
        var taken: Set<String> = []
        for index in drafts.indices {
            guard let name = drafts[index].spelling else { continue }
            // Only a provider that gives one container to two subjects gets this far.
            var unique = name
            var number = 2
            while !taken.insert(unique).inserted {
                unique = "\(name)#\(number)"
                number += 1
            }
            drafts[index].entity.podName = unique
        }
    }
}

/// An entity whose labels may still have to become longer.
private struct Draft {
    var entity: Entity
    /// What it is, where it is no pod but a container.
    let container: ContainerID?
    private var spellings: [String]
    private var length = 0

    init(_ entity: Entity, container: ContainerID? = nil, spellings: [String] = []) {
        self.entity = entity
        self.container = container
        self.spellings = spellings
    }

    /// The generated name in its present length, `nil` for a pod.
    var spelling: String? { spellings.isEmpty ? nil : spellings[length] }

    /// Takes the next longer name; whether there was one.
    mutating func lengthen() -> Bool {
        guard length + 1 < spellings.count else { return false }
        length += 1
        return true
    }
}

/// How `k8s_pod` reads for what is no pod, from short to unmistakable. A colon is in no Kubernetes name.
enum EntitySpelling {
    /// `container:0123456789ab`, then all 64 digits; for a name `container:web`, then with its control group.
    static func container(_ container: ContainerID) -> [String] {
        let short = container.isHexadecimal ? String(container.id.prefix(12)) : container.id
        let middle = container.isHexadecimal ? container.id : "\(container.runtime.rawValue)/\(container.id)"
        return [short, middle, container.cgroup].map { "container:" + $0 }
    }

    /// `netns:blue`, then `netns:/run/netns/blue`, then the inode number.
    static func mount(_ path: String, of namespace: NamespaceID) -> [String] {
        ["netns:" + path.mountName, "netns:" + path, inode(namespace)]
    }

    /// `netns:[4026532001]`, as `/proc/<pid>/ns/net` shows it.
    static func inode(_ namespace: NamespaceID) -> String { "netns:[\(namespace.rawValue)]" }
}
