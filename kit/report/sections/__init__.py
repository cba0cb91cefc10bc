"""The sections of a report, in the order in which they are read.

A section is one file with its figures, how they are measured, what of them may leave, and their words, table
and chart. Everything else walks this tuple: to add a statistic, write such a file and name it here.
"""

from __future__ import annotations

from typing import Final

from kit.report.sections.answers import AnswersSection
from kit.report.sections.base import Section
from kit.report.sections.behaviour import BehaviourSection
from kit.report.sections.change import ChangeSection
from kit.report.sections.comparison import ComparisonSection
from kit.report.sections.discernment import DiscernmentSection
from kit.report.sections.flow import FlowSection
from kit.report.sections.followup import FollowupSection
from kit.report.sections.groups import GroupsSection
from kit.report.sections.hall import HallSection
from kit.report.sections.items import ItemsSection
from kit.report.sections.limits import LimitsSection
from kit.report.sections.officer import OfficerSection
from kit.report.sections.planning import PlanningSection
from kit.report.sections.practice import PracticeSection
from kit.report.sections.quality import QualitySection
from kit.report.sections.returning import ReturningSection
from kit.report.sections.sightings import SightingsSection
from kit.report.sections.sites import SitesSection
from kit.report.sections.twins import TwinsSection
from kit.report.sections.visits import VisitsSection

SECTIONS: Final[tuple[Section, ...]] = (
    FlowSection(),
    ChangeSection(),
    DiscernmentSection(),
    ItemsSection(),
    TwinsSection(),
    GroupsSection(),
    SitesSection(),
    ComparisonSection(),
    VisitsSection(),
    ReturningSection(),
    FollowupSection(),
    PracticeSection(),
    BehaviourSection(),
    HallSection(),
    SightingsSection(),
    OfficerSection(),
    QualitySection(),
    AnswersSection(),
    LimitsSection(),
    PlanningSection(),
)
