"""A job's own number of threads is what its sums are cut by, whatever the environment says."""

import torch
from losslattice_worker.contract import decode_job
from losslattice_worker.prepare import settle
from tiny import small_job


def test_a_job_sets_its_number_of_threads():
    before = torch.get_num_threads()
    try:
        for count in (1, 2):
            settle(decode_job(small_job(torch={"threads": count}), "job.json"), torch.device("cpu"))
            assert torch.get_num_threads() == count
        settle(decode_job(small_job(), "job.json"), torch.device("cpu"))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
        torch.use_deterministic_algorithms(False)
