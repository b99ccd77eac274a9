// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem
import Testing

/// The rules of a reply, on scripted datagrams.
@Suite struct NetlinkConversationTests {
    @Test func aDumpMayComeInSeveralDatagrams() throws {
        var script = Script([
            message(type: 20, payload: [1]) + message(type: 20, payload: [2]), message(type: 20, payload: [3]) + done(),
        ])
        #expect(try script.dump() == [1, 2, 3])
    }

    @Test func aSingleReplyEndsWithItsMessage() throws {
        var script = Script([message(type: 20, payload: [5])])
        #expect(try script.request() == [5])
    }

    @Test func anAcknowledgementEndsAnEmptyReply() throws {
        var script = Script([error(0)])
        #expect(try script.request() == [])
    }

    @Test func repliesToEarlierRequestsAreSkipped() throws {
        var script = Script([
            message(type: 20, payload: [9], sequence: 1234) + done(sequence: 1234),
            message(type: 20, payload: [1]) + done(),
        ])
        #expect(try script.dump() == [1])
    }

    @Test func anInterruptedDumpIsAskedForAgain() throws {
        var script = Script([
            message(type: 20, payload: [1]), message(type: 20, flags: 0x10, payload: [2]) + done(),
            message(type: 20, payload: [3]) + done(),
        ])
        #expect(try script.dump() == [3])
        #expect(script.sent == 2)
    }

    @Test func aDumpThatNeverIsConsistentFails() {
        var script = Script(Array(repeating: message(type: 20, flags: 0x10, payload: [1]) + done(), count: 9))
        #expect(script.refusal()?.errno == EINTR)
        #expect(script.sent == 4)
    }

    @Test func aLostDatagramMakesTheDumpStartAnew() throws {
        var script = Script(
            [message(type: 20, payload: [1])], [.failure(ENOBUFS)],
            [message(type: 20, payload: [2]) + done(), message(type: 20, payload: [3]) + done()])
        #expect(try script.dump() == [3])
    }

    @Test func aDatagramThatDoesNotFitGrowsTheBuffer() throws {
        let long = [UInt8](repeating: 7, count: 10_000)
        var script = Script([message(type: 20, payload: long), done(), message(type: 20, payload: long) + done()])
        #expect(try script.dump() == long)
    }

    @Test func refusalsNameTheRequestAndTheKernelsReason() {
        let request = [UInt8](repeating: 0, count: 20)
        let text = attribute(1, Array("no such filter".utf8) + [0])
        var script = Script([message(type: 2, flags: 0x200, payload: [0xea, 0xff, 0xff, 0xff] + request + text)])
        let refused = script.refusal()
        #expect(refused?.errno == EINVAL)
        #expect(refused?.description == "netlink RTM_TEST (no such filter): invalid argument")
        script = Script([message(type: 2, flags: 0x300, payload: [0xea, 0xff, 0xff, 0xff] + request.prefix(16) + text)])
        #expect(script.refusal()?.subject == "RTM_TEST (no such filter)")
        script = Script([message(type: 3, payload: [0xff, 0xff, 0xff, 0xff])])
        #expect(script.refusal()?.errno == EPERM)
    }

    @Test func malformedRestsAreCounted() throws {
        var script = Script([message(type: 20, payload: [1]) + [3, 0, 0, 0], done()])
        #expect(try script.dump() == [1])
        #expect(script.malformed == 1)
        script = Script([[3, 0, 0]])
        #expect(try script.request() == [])
        #expect(script.malformed == 1)
    }

    @Test func aReplyThatNeverComesIsAnError() {
        var script = Script([])
        #expect(script.refusal()?.errno == ETIMEDOUT)
    }
}

/// Answers with prepared datagrams and notes how often it was asked.
struct Script: NetlinkTransport {
    enum Step {
        case datagram([UInt8])
        case failure(Int32)
    }
    private var steps: [Step]
    private(set) var sent = 0
    private(set) var malformed = 0
    private var sequence: UInt32 = 0

    init(_ datagrams: [[UInt8]], _ failures: [Step] = [], _ more: [[UInt8]] = []) {
        steps = datagrams.map { .datagram($0) } + failures + more.map { .datagram($0) }
    }

    mutating func send(_ request: NetlinkRequest) throws(SystemError) {
        sent += 1
        sequence = request.bytes.span.integer(at: 8) ?? 0
    }

    mutating func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        guard !steps.isEmpty else { throw SystemError("recv", "script", errno: ETIMEDOUT) }
        switch steps.removeFirst() {
        case .failure(let errno): throw SystemError("recv", "script", errno: errno)
        case .datagram(var bytes):
            // Messages that answer "this" request carry its number.
            var offset = 0
            while let length = bytes.span.integer(at: offset, as: UInt32.self).map(Int.init), length >= 16 {
                if bytes[offset + 8] == 77 {
                    for index in 0..<4 {
                        bytes[offset + 8 + index] = UInt8(truncatingIfNeeded: sequence >> (8 * index))
                    }
                }
                offset += (length + 3) & ~3
            }
            for index in 0..<min(bytes.count, buffer.count) { buffer[index] = bytes[index] }
            return bytes.count
        }
    }

    mutating func dump() throws(SystemError) -> [UInt8] { try perform(isDump: true) }
    mutating func request() throws(SystemError) -> [UInt8] { try perform(isDump: false) }

    mutating func refusal() -> SystemError? {
        do throws(SystemError) { _ = try dump() } catch { return error }
        return nil
    }

    private mutating func perform(isDump: Bool) throws(SystemError) -> [UInt8] {
        var request = NetlinkRequest("RTM_TEST", type: 18, isDump: isDump)
        request.append(UInt32(0))
        var buffer = [UInt8](repeating: 0, count: 4096)
        var payloads: [UInt8] = []
        malformed = try perform(&request, buffer: &buffer, restart: { payloads = [] }) { payloads += $0.payload.array }
        return payloads
    }
}

func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    let length = UInt16(4 + payload.count)
    return [UInt8(length & 255), UInt8(length >> 8), UInt8(type & 255), UInt8(type >> 8)] + payload
        + [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
}

/// A message; sequence 77 stands for that of the request it answers.
func message(type: UInt8, flags: UInt16 = 0, payload: [UInt8], sequence: UInt32 = 77) -> [UInt8] {
    let length = UInt32(16 + payload.count)
    let words = [length, UInt32(type) | UInt32(flags) << 16, sequence, 0]
    return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } } + payload
        + [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
}

func done(sequence: UInt32 = 77) -> [UInt8] { message(type: 3, payload: [0, 0, 0, 0], sequence: sequence) }
func error(_ code: Int32) -> [UInt8] {
    message(
        type: 2,
        payload: (0..<4).map { UInt8(truncatingIfNeeded: -code >> (8 * $0)) } + [UInt8](repeating: 0, count: 16))
}
