// SPDX-License-Identifier: Apache-2.0
import CBenchmark

/// Pods as a node has them: a process each in a network namespace of its own, linked by a veth pair to one more
/// namespace that stands for the node's side.
///
/// Nothing but these processes holds the namespaces, and they die with this one: nothing is ever left behind.
final class Fleet {
    private var uplink = bench_pod()
    private var pods: [bench_pod] = []

    /// The processes, one per namespace.
    var processes: [pid_t] { pods.map(\.pid) }

    init() throws(BenchmarkError) {
        try BenchmarkError.check(
            Int(bench_pod_start(&uplink, 0, 0)), "cannot make a network namespace (root is needed)")
    }

    /// Starts pods until there are `count`.
    func grow(to count: Int) throws(BenchmarkError) {
        while pods.count < count {
            try BenchmarkError.checkInterrupt()
            Progress.show("making network namespace \(pods.count + 1) of \(count)")
            var pod = bench_pod()
            let error = bench_pod_start(&pod, uplink.pid, UInt32(pods.count))
            try BenchmarkError.check(Int(error), "cannot make network namespace \(pods.count + 1)")
            pods.append(pod)
        }
        Progress.clear()
    }

    /// Opens established loopback sockets, evenly over the pods.
    func open(sockets: Int) throws(BenchmarkError) {
        Progress.show("opening \(sockets) sockets")
        let connections = sockets / 2
        for (number, pod) in pods.enumerated() {
            let share = connections * (number + 1) / pods.count - connections * number / pods.count
            var pod = pod
            try BenchmarkError.check(Int(bench_pod_connect(&pod, UInt32(share))), "cannot open \(share) connections")
        }
        Progress.clear()
    }

    /// Closes them all without leaving TIME_WAIT sockets.
    func closeSockets() throws(BenchmarkError) {
        for var pod in pods { try BenchmarkError.check(Int(bench_pod_reset(&pod)), "cannot close sockets") }
    }

    deinit {
        for var pod in pods { bench_pod_stop(&pod) }
        bench_pod_stop(&uplink)
    }
}
