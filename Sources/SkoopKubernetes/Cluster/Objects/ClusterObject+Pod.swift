// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension ClusterObject {
    /// The pod that the object is, as a runtime would tell of it. The server does not know its sandbox: the UID stands there.
    var pod: Pod {
        let uid = annotations[Self.configurationHash] ?? uid
        return Pod(
            uid: uid, namespace: namespace, name: name, labels: labels, sandbox: uid,
            containers: containers.sorted { $0.id < $1.id }, created: Int64(clamping: created), isReady: !isFinished,
            workload: workload)
    }

    /// What made the pod, as far as its own object tells: the controller, or what is behind that by the way in which
    /// controllers name what they make.
    var workload: Workload? {
        guard let owner else { return nil }
        switch owner.kind {
        // The kubelet shows the pods of files so.
        case "Node": return nil
        case "ReplicaSet":
            // pkg/controller/deployment/sync.go: the Deployment's name and the hash of its template.
            guard let hash = labels["pod-template-hash"], !hash.isEmpty, owner.name.hasSuffix("-" + hash) else { break }
            return Workload(kind: "Deployment", name: String(owner.name.dropLast(hash.utf8.count + 1)))
        case "Job":
            if let name = cronJob(ofJob: owner.name) { return Workload(kind: "CronJob", name: name) }
        default: break
        }
        return Workload(kind: owner.kind, name: owner.name)
    }

    /// The CronJob whose Job has a name: pkg/controller/cronjob/utils.go ends it with the time for which it was meant, in
    /// minutes since 1970, before 1.21 in seconds. What is not about the time when the pod was made is no such time.
    private func cronJob(ofJob name: String) -> String? {
        guard let dash = name.lastIndex(of: "-"), dash > name.startIndex, created > 0 else { return nil }
        let digits = name[name.index(after: dash)...]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(digits)
        else { return nil }
        let seconds = created / 1_000_000_000
        let isTime = [number.multipliedReportingOverflow(by: 60), (number, false)].contains { time, overflow in
            !overflow && time <= seconds + 60 && time + 86_400 >= seconds
        }
        return isTime ? String(name[..<dash]) : nil
    }
}
