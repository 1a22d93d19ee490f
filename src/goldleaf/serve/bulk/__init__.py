"""Prediction in bulk: shards of many files, predicted by any number of workers, each record written once however often one is killed.

Nothing here knows Ray but `ray_workers`, which is imported when it is wanted.
"""

from goldleaf.serve.bulk.job import Job, Queue, finish_job, open_job
from goldleaf.serve.bulk.shards import Shard, Task, share_threads
from goldleaf.serve.bulk.worker import Done, ShardWorker

__all__ = ["Done", "Job", "Queue", "Shard", "ShardWorker", "Task", "finish_job", "open_job", "share_threads"]
