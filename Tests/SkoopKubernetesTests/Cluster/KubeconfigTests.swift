// SPDX-License-Identifier: Apache-2.0
import SkoopHTTP
import SkoopIdentity
import SkoopTesting
import Testing

@testable import SkoopKubernetes

struct KubeconfigTests {
    private static let text = """
        apiVersion: v1
        kind: Config
        current-context: main
        clusters:
        - name: one
          cluster: {server: 'https://api.example:6443/k8s/one/', certificate-authority-data: Q0E=, tls-server-name: api}
        - name: two
          cluster: {server: '[2001:db8::1]:6443', certificate-authority: pki/ca.crt, insecure-skip-tls-verify: true}
        - {name: proxied, cluster: {server: 'https://a', proxy-url: 'http://b'}}
        - {name: empty, cluster: {}}
        contexts:
        - {name: main, context: {cluster: one, user: cert, namespace: shop}}
        - {name: token, context: {cluster: two, user: token}}
        - {name: file, context: {cluster: two, user: file}}
        - {name: basic, context: {cluster: two, user: basic}}
        - {name: nobody, context: {cluster: two}}
        - {name: exec, context: {cluster: two, user: exec}}
        - {name: as, context: {cluster: two, user: as}}
        - {name: proxied, context: {cluster: proxied}}
        - {name: empty, context: {cluster: empty}}
        - {name: lost, context: {cluster: three}}
        - {name: bad, context: {cluster: two, user: bad}}
        users:
        - {name: cert, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
        - {name: token, user: {token: abc, client-certificate: /etc/c.crt, client-key: c.key}}
        - {name: file, user: {tokenFile: token, token: ignored}}
        - {name: basic, user: {username: me, password: secret}}
        - {name: exec, user: {exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}}}
        - {name: as, user: {token: abc, as: admin}}
        - {name: bad, user: {client-key-data: '!!'}}
        """

    private func access(_ context: String? = nil) throws -> ClusterAccess {
        try Kubeconfig(Self.text, path: "/etc/kube/config").access(of: context)
    }

    private func failure(_ context: String?, text: String = text) -> IdentityStatus.Failure? {
        do throws(IdentityStatus.Failure) {
            _ = try Kubeconfig(text, path: "/etc/kube/config").access(of: context)
            return nil
        } catch { return error }
    }

    @Test func readsWhatIsWrittenThere() throws {
        let main = try access()
        #expect(main.endpoint.target.description == "https://api.example:6443/k8s/one/" && main.prefix == "/k8s/one")
        #expect(main.endpoint.tls.ca == Array("CA".utf8) && main.endpoint.tls.cert == Array("CERT".utf8))
        #expect(main.endpoint.tls.key == Array("KEY".utf8) && main.endpoint.tls.serverName == "api")
        #expect(main.endpoint.credentials == .none && !main.endpoint.tls.isUnverified)
        let token = try access("token")
        #expect(token.endpoint.target.host == "2001:db8::1" && token.endpoint.target.isSecure && token.prefix.isEmpty)
        #expect(token.endpoint.credentials == .bearer(.text("abc")) && token.endpoint.tls.isUnverified)
        #expect(token.endpoint.tls.caFile == "/etc/kube/pki/ca.crt" && token.endpoint.tls.certFile == "/etc/c.crt")
        #expect(token.endpoint.tls.keyFile == "/etc/kube/c.key")
        #expect(try access("file").endpoint.credentials == .bearer(.file("/etc/kube/token")))
        #expect(try access("basic").endpoint.credentials == .basic("me", .text("secret")))
        #expect(try access("nobody").endpoint.credentials == .none)
    }

    @Test(arguments: [
        ("exec", IdentityStatus.Reason.credentials, "a program that gets credentials"), ("as", .credentials, "(as)"),
        ("proxied", .refused, "proxy-url"), ("empty", .malformed, "has no server"),
        ("lost", .malformed, "there is no cluster 'three'"), ("none", .malformed, "there is no context 'none'"),
        ("bad", .malformed, "client-key-data is not in base 64"),
    ]) func saysWhatCannotBeUsed(context: String, reason: IdentityStatus.Reason, part: String) throws {
        let failure = try #require(self.failure(context))
        #expect(failure.reason == reason && failure.message.contains(part), "\(failure)")
        #expect(failure.message.hasPrefix("/etc/kube/config: "))
    }

    @Test func saysWhatIsNoKubeconfig() throws {
        #expect(failure(nil, text: "a: [")?.reason == .malformed)
        #expect(failure(nil, text: "")?.message == "/etc/kube/config: there is no current-context; name one")
        #expect(throws: IdentityStatus.Failure.self) { try Kubeconfig.read("/nonexistent/config") }
    }

    @Test func takesTheServiceAccountOfAPod() throws {
        var settings = ClusterSettings()
        settings.serviceAccount = nil
        #expect(!settings.isPossible)
        #expect(throws: IdentityStatus.Failure.self) { try ClusterAccess.current(settings) }
        settings.serviceAccount = ServiceAccount(server: "[fd01::1]:443", folder: "/account")
        let access = try ClusterAccess.current(settings)
        #expect(access.endpoint.target.description == "https://[fd01::1]:443/")
        #expect(access.endpoint.credentials == .bearer(.file("/account/token")))
        #expect(access.endpoint.tls.caFile == "/account/ca.crt")
        settings.server = "https://192.0.2.1:6443"
        #expect(try ClusterAccess.current(settings).endpoint.target.host == "192.0.2.1")
        #expect(try ClusterAccess.current(settings).endpoint.tls.caFile == "/account/ca.crt")
        settings.serviceAccount = nil
        settings.server = "http://127.0.0.1:8001"
        #expect(try ClusterAccess.current(settings).endpoint.credentials == .none)
        #expect(ClusterSettings.isServer("https://a:6443") && !ClusterSettings.isServer("ftp://a"))
        #expect(!ClusterSettings.isServer("https://me:secret@a"))
    }

    @Test func decodesBase64() {
        for length in 0..<64 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(decoded(base64: base64(bytes)) == bytes)
        }
        #expect(decoded(base64: "Q0\n E=\r\n") == Array("CA".utf8))
        for text in ["Q", "Q0E", "Q0E==", "Q=0E", "Q0E=Q0E=", "Q!E=", "====", "-_=="] {
            #expect(decoded(base64: text) == nil, "\(text)")
        }
    }
}
