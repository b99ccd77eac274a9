// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOSSL
    import SkoopSystem

    extension HTTPEndpoint.TLS {
        /// What a connection needs; certificates are read again each time, since they are replaced.
        func context() throws(HTTPError) -> NIOSSLContext {
            do {
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.minimumTLSVersion = .tlsv12
                if let ca {
                    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(ca))
                } else if let caFile {
                    configuration.trustRoots = .file(caFile)
                }
                if isUnverified { configuration.certificateVerification = .none }
                if let (chain, key) = try identity() {
                    configuration.certificateChain = chain.map { .certificate($0) }
                    configuration.privateKey = .privateKey(key)
                }
                return try NIOSSLContext(configuration: configuration)
            } catch let error as HTTPError {
                throw error
            } catch {
                let files = [
                    ca == nil ? caFile : "given authorities", cert == nil ? certFile : "given certificate",
                    key == nil ? keyFile : "given key",
                ].compactMap { $0 }.joined(separator: ", ")
                let what = files.isEmpty ? "the system's certificates" : files
                // Files may come later, as secrets of a cluster do.
                throw HTTPError(.certificates, "\(what): cannot be used for TLS: \(error)")
            }
        }

        /// The own certificate with those that stand behind it, and its key, where there are both.
        private func identity() throws -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey)? {
            let chain: [NIOSSLCertificate]
            if let cert {
                chain = try NIOSSLCertificate.fromPEMBytes(cert)
            } else if let certFile {
                chain = try NIOSSLCertificate.fromPEMFile(certFile)
            } else {
                return nil
            }
            // Servers say no more of it than that they do not know who asks.
            if let own = chain.first, own.notValidAfter < SystemClock.wall / 1_000_000_000 {
                throw HTTPError(.certificates, "the own certificate has expired")
            }
            if let key { return (chain, try NIOSSLPrivateKey(bytes: key, format: .pem)) }
            return try keyFile.map { (chain, try NIOSSLPrivateKey(file: $0, format: .pem)) }
        }
    }
#endif
