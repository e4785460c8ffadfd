"""Thirty days of fifty sites that have nothing but the troubles of every day: not one alarm."""

from __future__ import annotations

import os
from datetime import timedelta

from newsbot.health import judge
from tests.health.invented import BEGIN, DAY, Paper, Rhythm, around_the_clock, by_day, facts, office, weekly

WEEKS = 12
WARM_UP = WEEKS * 7 - 30  # days, before the thirty that are judged
STEP = timedelta(hours=float(os.environ.get("NEWSBOT_TEST_HEALTH_STEP", "9.5")))  # each hour of the day comes up


def fifty(seed: int) -> list[Paper]:
    rhythms: list[Rhythm] = [
        *(around_the_clock(a_day) for a_day in (0.2, 1, 4, 15, 60, 200)),
        *(by_day(a_day) for a_day in (0.5, 2, 8, 30, 120)),
        *(office(a_day) for a_day in (0.5, 2, 10, 40)),
        weekly(1.5),
        weekly(12),
    ]
    minutes = (15, 30, 60, 240)
    return [
        Paper(
            f"paper{number}.example",
            rhythms[number % len(rhythms)],
            seed * 1000 + number,
            every=timedelta(minutes=minutes[number % 4]),
            weeks=WEEKS,
            authored=(0.95, 0.5, 0.05)[number % 3],
            dated=(1.0, 1.0, 0.3)[number % 3],
            walled=(0.02, 0.4, 0.97)[number % 3],
            moods=(0.0, 0.15, 0.3)[number // 17 % 3],
        )
        for number in range(50)
    ]


def test_thirty_days_of_fifty_sites_without_an_alarm() -> None:
    papers = fifty(int(os.environ.get("NEWSBOT_TEST_HEALTH_SEED", "1")))
    alarms = []
    now = BEGIN + WARM_UP * DAY
    while now < BEGIN + WEEKS * 7 * DAY:
        alarms += [(now, alarm) for alarm in judge(facts(papers, now))]
        now += STEP
    assert alarms == []
