// SPDX-License-Identifier: Apache-2.0

/// Configurations as KubeSkoop's users have them.
enum ConfigurationFixtures {
    /// What the ACK add-on installs, as the ConfigMap that its document shows.
    static let ackConfigMap = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: kubeskoop-config
          namespace: ack-kubeskoop
        data:
          config.yaml: |-
            debugmode: false
            port: 9102
            enableController: true
            controllerAddr: dns:kubeskoop-controller:10263
            metrics:
              probes:
                - name: conntrack
                - name: qdisc
                - name: netdev
                - name: io
                - name: sock
                - name: tcpsummary
                - name: tcp
                - name: tcpext
                - name: udp
                - name: rdma
        """

    /// What KubeSkoop's Helm chart renders from its default values.
    static let helm = """
        debugmode: true
        port: 9102
        enableController: true
        metrics:
          probes:
          - name: conntrack
          - name: qdisc
          - name: io
          - name: netdev
          - name: tcpext
          - name: tcp
          - name: udp
          - name: sock
          - name: tcpsummary
          - name: flow
          - name: packetloss
          - name: tcpretrans
          additionalLabels:
        event:
          probes:
          - name: packetloss
          - name: tcpretrans
          - name: tcpreset
          sinks:
          - name: loki
            args:
              addr: loki-service
        """
}
