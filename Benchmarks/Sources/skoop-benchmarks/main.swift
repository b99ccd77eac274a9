// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Glibc
bench_note_signals()
_ = bench_raise_file_limit()
do {
    let fleet = try Fleet()
    for n in [1, 100, 500] {
        try fleet.grow(to: n)
        for s in [0, 8000] {
            if s > 0 { try fleet.open(sockets: s) }
            for f in [["net/snmp", "net/snmp6"], ["net/netstat"], ["net/tcp"], ["net/tcp6"], ["net/dev"], ["net/sockstat", "net/sockstat6"], ["io"], ["net/stat/nf_conntrack"]] {
                let r = ProcfsReader(files: f)
                let t = (0..<3).map { _ in r.read(fleet.processes)! }
                print(n, s, f, Spread(t).text)
            }
            if s > 0 { try fleet.closeSockets() }
        }
    }
} catch {
    Progress.clear()
    complain("skoop-benchmarks: \(error.message)\n")
    exit(1)
}
