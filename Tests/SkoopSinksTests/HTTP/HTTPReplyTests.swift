// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP
import SkoopTesting
import Testing

@testable import SkoopSinks

@Suite struct HTTPReplyTests {
    func error(_ status: Int, _ body: String = "", hiding: [String] = []) throws -> SinkError {
        let target = try HTTPTarget("http://loki:3100", argument: "url", port: 1, path: "/push")
        return HTTPReply(status: status, body: Array(body.utf8)).error(from: target, hiding: hiding)
    }

    @Test(arguments: [
        (400, SinkError.Reason.refused, false), (401, .unauthorized, true), (403, .unauthorized, true),
        (404, .refused, false), (408, .timeout, true), (413, .refused, false), (422, .refused, false),
        (429, .overloaded, true), (500, .failed, true), (502, .failed, true), (503, .overloaded, true),
        (504, .failed, true), (599, .failed, true), (301, .refused, false), (100, .failed, true), (999, .failed, true),
    ]) func statusesMean(status: Int, reason: SinkError.Reason, isRetryable: Bool) throws {
        let error = try error(status)
        #expect(error.reason == reason && error.isRetryable == isRetryable)
        #expect(error.message.hasPrefix("http://loki:3100/push answered \(status)"))
    }

    @Test func theFirstLineOfTheBodyIsRepeated() throws {
        #expect(try error(400, "entry too far behind\nmore").message.hasSuffix("answered 400: entry too far behind"))
        let long = try error(400, "\u{1b}[31m" + String(repeating: "x", count: 1000)).message
        #expect(long.count < 300 && long.hasSuffix("…") && !long.contains("\u{1b}"))
        #expect(try error(400, "you said hunter2", hiding: ["", "hunter2"]).message.hasSuffix("/push answered 400"))
    }

    @Test func aRedirectionSaysWhereTo() throws {
        let target = try HTTPTarget("http://loki:3100", argument: "url", port: 1, path: "/push")
        let error = HTTPReply(status: 301, location: "https://loki/").error(from: target, hiding: [])
        #expect(
            error.message
                == "http://loki:3100/push answered 301, and a redirection is not followed; give the URL https://loki/")
    }

    @Test func theServerSaysHowLongToWait() throws {
        func wait(_ text: String?) -> Duration? { HTTPReply(retryAfter: text).wait(now: 784_111_770) }
        #expect(wait(nil) == nil && wait("soon") == nil && wait("") == nil && wait("1.5") == nil)
        #expect(wait("7") == .seconds(7) && wait("-1") == .zero && wait("99999999999") == .seconds(600))
        // RFC 9110's example, seven seconds later than now.
        #expect(wait("Sun, 06 Nov 1994 08:49:37 GMT") == .seconds(7))
        #expect(wait("Sun, 06 Nov 1994 08:49:00 GMT") == .zero)
        #expect(wait("Sun, 06 Now 1994 08:49:37 GMT") == nil && wait("Sun, 06 Nov 1994 08:49 GMT") == nil)
    }

    @Test func datesAreThoseOfAnotherLanguage() throws {
        let script =
            "import email.utils,random\nfor n in range(200):\n s=random.randrange(4102444800)\n print(s, email.utils.formatdate(s, usegmt=True))"
        for line in try run("python3", "-c", script).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            #expect(secondsOfHTTPDate(parts[1]) == Int(parts[0]), "\(line)")
        }
    }
}
