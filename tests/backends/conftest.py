"""backends: a cluster of two processes, and what befalls it."""

import os
import signal
import threading
import time

import pytest


@pytest.fixture(scope="package")
def cluster():
    import distributed

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started,  # any free port
        distributed.Client(started, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def on_cluster(cluster):
    """What is computed in the test is computed on the cluster."""
    with cluster.as_current():
        yield cluster


@pytest.fixture
def kill_a_worker(cluster):
    """Return what a call gives on the cluster, of which a worker is killed after some tasks that leave files `time-pid` in a folder."""

    def call_and_kill(call, folder, after=10):
        found = []

        def run():
            with cluster.as_current():
                found.append(call())

        before = set(cluster.run(os.getpid).values())
        calling = threading.Thread(target=run)
        calling.start()
        while len(begun := sorted(folder.iterdir())) < after:
            assert calling.is_alive()
            time.sleep(0.01)
        victim = int(begun[-1].name.split("-")[1])
        os.kill(victim, signal.SIGKILL)
        assert victim in before
        calling.join(120)
        assert victim not in cluster.run(os.getpid).values()
        (result,) = found
        return result

    return call_and_kill
