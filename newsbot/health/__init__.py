"""Whether all is well: from facts to alarms, and from alarms to incidents. Nothing here touches disk or network.

facts.py (what is known) -> judging.py (`judge`) -> alarms.py -> incidents.py (`follow`)
                                rhythm.py, shifts.py: what is no chance
"""

from newsbot.health.alarms import ADVICE, Alarm, Kind, Level
from newsbot.health.facts import Facts, RunSeen, SiteFacts, SourceSeen, StoryShape, Visit, WorkerSeen
from newsbot.health.incidents import MEMORY, Incident, follow, lasting, to_tell
from newsbot.health.judging import judge

__all__ = [
    "ADVICE",
    "MEMORY",
    "Alarm",
    "Facts",
    "Incident",
    "Kind",
    "Level",
    "RunSeen",
    "SiteFacts",
    "SourceSeen",
    "StoryShape",
    "Visit",
    "WorkerSeen",
    "follow",
    "judge",
    "lasting",
    "to_tell",
]
