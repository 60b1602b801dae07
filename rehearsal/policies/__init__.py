"""Policies: what a bundle must not do though its fields and references are right.

Each is a fault that this bundle once had or came near to, read in the CLI's source or in
Databricks' documentation; docs/operations.md has the table of them. What is told ends with the
policy's name.
"""

from collections.abc import Callable, Iterator, Mapping

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.policies import apps, compute, names, rights, serverless, shipping

POLICIES: Mapping[str, Callable[[Bundle], Iterator[BundleError]]] = {
    "state-gates": compute.state_gates,
    "limits": compute.limits,
    "runtime": compute.runtime,
    "dfs-tmp": compute.dfs_tmp,
    "serverless-alone": serverless.serverless_alone,
    "serverless-libraries": serverless.serverless_libraries,
    "serverless-version": serverless.serverless_version,
    "serverless-spark": serverless.serverless_spark,
    "serverless-home": serverless.serverless_home,
    "free-apps": serverless.free_apps,
    "endpoint-version": shipping.endpoint_version,
    "git-commit": shipping.git_commit,
    "fresh-wheel": shipping.fresh_wheel,
    "plain-build": shipping.plain_build,
    "cli-version": shipping.cli_version,
    "app-address": apps.app_address,
    "app-values": apps.app_values,
    "log-shipping": apps.log_shipping,
    "app-rights": rights.app_rights,
    "job-run-as": rights.job_run_as,
    "secret-readers": rights.secret_readers,
    "circle": rights.circle,
    "own-names": names.own_names,
    "file-names": names.file_names,
}


def check_policies(bundle: Bundle, load: Callable[[str], Bundle]) -> Iterator[BundleError]:
    """Hold a bundle against all policies.

    Args:
        bundle: The bundle in one target.
        load: Loads it in another target.

    Yields:
        A problem for each place that a policy refuses.
    """
    for name, policy in POLICIES.items():
        for problem in policy(bundle):
            yield BundleError(f"{problem} (policy {name})")
    for problem in compute.same_compute(bundle, load):
        yield BundleError(f"{problem} (policy same-compute)")
