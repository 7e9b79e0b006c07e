"""Who gets letters and what they agreed to; letters and where each of them went."""

from .consent import ConsentRecord
from .issue import Delivery, Issue, WorkerMark
from .subscriber import Subscriber, Suppression

__all__ = ["ConsentRecord", "Delivery", "Issue", "Subscriber", "Suppression", "WorkerMark"]
