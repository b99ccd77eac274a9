// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import Synchronization
import Testing

@testable import SkoopKubernetes

struct PodBoardTests {
    private static func pod(_ name: String) -> Pod {
        Pod(uid: "uid-\(name)", namespace: "shop", name: name, sandbox: "sandbox-\(name)")
    }

    @Test func remembersPodsThatAreGoneForAWhile() {
        let board = PodBoard()
        let start = MonotonicTime.now
        board.publish([Self.pod("a"), Self.pod("b")], at: start)
        board.publish([Self.pod("b")], at: start + .seconds(1))
        #expect(board.latest.table[container: "sandbox-a"]?.name == "a")
        #expect(board.latest.table[container: "sandbox-a"]?.isReady == false)
        board.publish([Self.pod("b")], at: start + .seconds(1) + PodBoard.memory + .seconds(1))
        #expect(board.latest.table[container: "sandbox-a"] == nil)
        #expect(board.latest.table[container: "sandbox-b"]?.isReady == true)
    }

    @Test func saysWhenPodsHaveChanged() {
        let changes = Atomic<Int>(0)
        let board = PodBoard()
        board.listen(onQuestion: {}, onChange: { changes.add(1, ordering: .relaxed) })
        for pods in [[], [Self.pod("a")], [Self.pod("a")], []] { board.publish(pods) }
        #expect(changes.load(ordering: .relaxed) == 2)
        #expect(board.version == 2)
    }

    @Test func passesAQuestionOnOnce() {
        let questions = Atomic<Int>(0)
        let board = PodBoard()
        board.listen(onQuestion: { questions.add(1, ordering: .relaxed) }, onChange: {})
        let start = MonotonicTime.now
        for _ in 0..<3 { board.ask(.container("c1"), at: start) }
        board.ask(.mount("/run/netns/blue"), at: start)
        #expect(questions.load(ordering: .relaxed) == 2)
        #expect(board.open(at: start).count == 2)
        var pod = Self.pod("a")
        pod.containers = [.init(id: "c1", name: "main")]
        board.publish([pod])
        #expect(board.open(at: start) == [.mount("/run/netns/blue")])
        #expect(board.open(at: start + PodBoard.patience + .seconds(1)).isEmpty)
    }

    @Test func aMountIsAskedForOnlyWhileNobodyLivesThere() {
        let board = PodBoard()
        let start = MonotonicTime.now
        board.ask(.mount("/run/netns/blue"), at: start)
        #expect(!board.isMountWanted(at: start))
        #expect(board.isMountWanted(at: start + PodBoard.suspense))
        #expect(!board.isMountWanted(at: start + PodBoard.patience))
        board.withdrawMounts { ["/run/netns/red"] }
        #expect(board.isMountWanted(at: start + PodBoard.suspense))
        board.withdrawMounts { ["/run/netns/blue", "/run/netns/red"] }
        #expect(board.open(at: start).isEmpty)
    }

    /// Who has taken the pods a moment before does not know the answer yet, and does not say another name.
    @Test func anAnswerThatIsThereIsExpected() {
        let board = PodBoard()
        board.publish([])
        board.ask(.container("c1"))
        var pod = Self.pod("a")
        pod.containers = [.init(id: "c1", name: "main")]
        board.publish([pod])
        #expect(board.suspense().isEmpty && board.isExpected(.container("c1")))
        #expect(!board.isExpected(.container("c2")))
    }

    @Test func aNameIsAwaitedWhileTheRuntimeAnswers() {
        let board = PodBoard()
        let start = MonotonicTime.now
        board.ask(.container("c1"), at: start)
        board.ask(.mount("/run/netns/blue"), at: start)
        #expect(board.suspense(at: start).isEmpty)
        board.publish([Self.pod("a")], at: start)
        #expect(board.suspense(at: start) == [.container("c1"), .mount("/run/netns/blue")])
        #expect(board.suspense(at: start + PodBoard.suspense).isEmpty)
        // The answer to a list that began a moment ago is as old as its beginning.
        let early = start + .milliseconds(900)
        board.publish([Self.pod("a")], of: early, at: start + .seconds(3))
        #expect(board.suspense(at: start + .seconds(3)).count == 2)
        #expect(board.suspense(at: start + PodBoard.patience).isEmpty)
        board.publish([Self.pod("a")], of: start + PodBoard.suspense, at: start + .seconds(3))
        #expect(board.suspense(at: start + .seconds(3)).isEmpty)
        board.miss()
        #expect(board.suspense(at: start).count == 2)
        board.miss()
        #expect(board.suspense(at: start).isEmpty)
        board.publish([Self.pod("a")], at: start)
        #expect(board.suspense(at: start).count == 2)
    }
}
