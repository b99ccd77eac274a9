// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Synchronization
import Testing

@testable import SkoopEvents

@Suite struct EventStreamTests {
    func numbers(_ items: [EventCursor.Item]?) -> [String]? {
        items.map { items in
            items.map { item in
                switch item {
                case .event(let event, let number): "\(number):\(event.timestamp)"
                case .missed(let count): "missed \(count)"
                }
            }
        }
    }

    @Test func watchersReadAtTheirOwnPace() {
        let stream = EventStream(capacity: 4)
        var early = EventCursor(stream, from: stream.next)
        #expect(early.read() == nil && stream.oldest == 1 && stream.next == 1)
        stream.publish([.test(11), .test(12), .test(13)])
        var late = EventCursor(stream, from: stream.next)
        #expect(numbers(early.read(atMost: 2)) == ["1:11", "2:12"])
        stream.publish([.test(14), .test(15), .test(16), .test(17), .test(18)])
        #expect(stream.oldest == 5 && stream.next == 9)
        #expect(numbers(early.read()) == ["missed 2", "5:15", "6:16", "7:17", "8:18"])
        #expect(early.read() == nil)
        #expect(numbers(late.read(atMost: 1)) == ["missed 1", "5:15"])
        #expect(numbers(late.read()) == ["6:16", "7:17", "8:18"])
        var future = EventCursor(stream, from: 100)
        #expect(future.read() == nil)
    }

    @Test func whoLeavesIsNotCalled() throws {
        let stream = EventStream(capacity: 4)
        let called = Mutex(0)
        let watcher = try #require(stream.notify(at: stream.next) { called.withLock { $0 += 1 } })
        _ = stream.notify(at: stream.next) { called.withLock { $0 += 10 } }
        stream.forget(watcher)
        #expect(stream.watchers == 1)
        stream.publish([.test(1)])
        #expect(called.withLock { $0 } == 10 && stream.watchers == 0)
        #expect(stream.notify(at: 1) { called.withLock { $0 += 100 } } == nil)
        #expect(called.withLock { $0 } == 110)
    }

    @Test func unwantedEventsAreSkipped() {
        let stream = EventStream(capacity: 10)
        var cursor = EventCursor(stream, filter: EventFilter(types: ["other"]), from: 1)
        stream.publish([.test(1), .test(2, type: .test("Other")), .test(3)])
        #expect(numbers(cursor.read()) == ["2:2"])
        stream.publish([.test(4)])
        #expect(numbers(cursor.read()) == [] && cursor.read() == nil)
    }

    @Test func watchersAreCalledOnce() {
        let stream = EventStream(capacity: 2)
        let calls = Atomic(0)
        stream.notify(at: 1) { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 0)
        stream.publish([.test(1)])
        stream.publish([.test(2)])
        #expect(calls.load(ordering: .relaxed) == 1)
        stream.notify(at: 2) { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 2)
        stream.notify(at: 3) { calls.add(1, ordering: .relaxed) }
        stream.close()
        #expect(calls.load(ordering: .relaxed) == 3)
        stream.notify(at: 3) { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 4)
    }

    @Test func filtersKnowTypesPodsNamespacesAndTimes() {
        var event = Event.test(100)
        event.destination = Peer(kind: .pod, namespace: "shop", pod: "db")
        func matches(_ change: (inout EventFilter) -> Void) -> Bool {
            var filter = EventFilter()
            change(&filter)
            return filter.matches(event)
        }
        #expect(matches { _ in })
        #expect(
            matches { $0.types = ["TEST"] } && matches { $0.types = ["x", "test"] } && !matches { $0.types = ["x"] })
        #expect(matches { $0.pods = [.init("shop/web")] } && matches { $0.pods = [.init("web")] })
        #expect(matches { $0.pods = [.init("shop/db")] } && !matches { $0.pods = [.init("web/db")] })
        #expect(!matches { $0.pods = [.init("shop")] } && matches { $0.pods = [.init("x"), .init("db")] })
        #expect(matches { $0.namespaces = [NamespaceID(rawValue: 7)] })
        #expect(!matches { $0.namespaces = [NamespaceID(rawValue: 8)] })
        #expect(matches { $0.since = 100 } && !matches { $0.since = 101 })
        event.lastTimestamp = 101
        #expect(matches { $0.since = 101 })
        #expect(EventFilter.Pod("netns:/run/netns/blue") == .init(name: "netns:/run/netns/blue"))
        event.entity.podName = "netns:blue"
        #expect(matches { $0.pods = [.init("netns:blue")] })
    }
}
