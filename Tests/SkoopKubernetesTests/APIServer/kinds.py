# SPDX-License-Identifier: Apache-2.0
"""The kinds of objects that are made in a cluster of the tests, and where the API has them."""

# kind: (group and version, plural, whether it is in a namespace)
KINDS = {
    "Namespace": ("v1", "namespaces", False),
    "Node": ("v1", "nodes", False),
    "Pod": ("v1", "pods", True),
    "Service": ("v1", "services", True),
    "ReplicaSet": ("apps/v1", "replicasets", True),
    "Deployment": ("apps/v1", "deployments", True),
    "DaemonSet": ("apps/v1", "daemonsets", True),
    "StatefulSet": ("apps/v1", "statefulsets", True),
    "Job": ("batch/v1", "jobs", True),
    "EndpointSlice": ("discovery.k8s.io/v1", "endpointslices", True),
    "ConfigMap": ("v1", "configmaps", True),
    "ServiceAccount": ("v1", "serviceaccounts", True),
    "ClusterRole": ("rbac.authorization.k8s.io/v1", "clusterroles", False),
    "ClusterRoleBinding": ("rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
}


def root(version):
    return f"/api/{version}" if "/" not in version else f"/apis/{version}"


def path(version, kind, namespace=None, name=None):
    """The path of an object, or of all of a kind."""
    _, plural, is_namespaced = KINDS[kind]
    middle = f"/namespaces/{namespace}" if is_namespaced and namespace else ""
    return f"{root(version)}{middle}/{plural}" + (f"/{name}" if name else "")


def as_of(version, thing):
    """An object in the form of the version of its group that is served: slices before discovery.k8s.io/v1 have the
    node among the labels of the topology."""
    if thing["kind"] != "EndpointSlice" or version == thing["apiVersion"]:
        return thing
    endpoints = []
    for endpoint in thing.get("endpoints") or []:
        endpoint = dict(endpoint)
        if node := endpoint.pop("nodeName", None):
            endpoint["topology"] = {**endpoint.get("topology", {}), "kubernetes.io/hostname": node}
        if zone := endpoint.pop("zone", None):
            endpoint["topology"] = {**endpoint.get("topology", {}), "topology.kubernetes.io/zone": zone}
        endpoints.append(endpoint)
    return {**thing, "apiVersion": version, "endpoints": endpoints}
