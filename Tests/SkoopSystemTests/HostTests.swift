// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct HostTests {
    @Test func agreesWithTheSystemsOwnPrograms() throws {
        #expect(try "\(Host.pageSize)\n" == run("getconf", "PAGESIZE"))
        #expect(try "\(Host.clockTicksPerSecond)\n" == run("getconf", "CLK_TCK"))
        #expect(try Host.nodeName + "\n" == run("uname", "-n"))
        #expect(try Host.kernelRelease + "\n" == run("uname", "-r"))
        #expect(try Host.bootID() + "\n" == run("cat", "/proc/sys/kernel/random/boot_id"))
    }

    @Test(arguments: [
        ("0-1\n", 2), ("0\n", 1), ("0-3,8-127\n", 128), ("0,2,5\n", 6), ("7", 8), ("", nil), ("x\n", nil),
        ("0--1\n", nil),
        ("99999999999\n", nil), ("-\n", nil),
    ])
    func possibleCPUsAreTheHighestPlusOne(list: String, count: Int?) throws {
        let sys = try TemporaryDirectory()
        try sys.write(list, to: "devices/system/cpu/possible")
        let path = sys.path
        if let count {
            #expect(try Host.possibleCPUs(sys: path) == count)
        } else {
            #expect(throws: SystemError.self) { try Host.possibleCPUs(sys: path) }
        }
    }

    @Test func clocksRun() {
        // Not time(), which may be a tick late.
        func seconds() -> UInt64 {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            return UInt64(now.tv_sec)
        }
        let before = seconds()
        let now = SystemClock.wall / 1_000_000_000
        #expect(now >= before && now <= seconds())
        #expect(SystemClock.boot > 0)
    }
}

@Suite struct OpenFileLimitTests {
    @Test func theSoftLimitBecomesTheHardOne() {
        OpenFileLimit.raise()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(limit.rlim_cur == limit.rlim_max)
    }
}
