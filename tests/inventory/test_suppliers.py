"""When suppliers take orders, and when what was ordered comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.days import ZONE
from inventory.suppliers import (
    NotAReview,
    Period,
    Review,
    days_taken,
    expected,
    following_review,
    learned_lead,
    next_review,
)

MODUS = Review.parse("FRI1 FRI3")
DAY = timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


# The rule as people write it


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("FRI", "FRI"),
        ("FRI1 FRI3", "FRI1 FRI3"),
        ("FRI3,FRI1", "FRI1 FRI3"),
        ("thu, TUE", "TUE THU"),
        ("VEN1 VEN3", "FRI1 FRI3"),
        ("Vrijdag1", "FRI1"),
        ("mar. jeu.", "TUE THU"),
        ("FRI FRI FRI2", "FRI"),
        ("SUN5 MON5", "MON5 SUN5"),
    ],
)
def test_a_rule_is_kept_in_one_spelling(written: str, kept: str) -> None:
    assert str(Review.parse(written)) == kept
    assert Review.parse(kept) == Review.parse(written)


@pytest.mark.parametrize(
    "written", ["FRI6", "FRI0", "1FRI", "FRI-1", "ma", "di", "every day", "FRI1;FRI3", "²", "MON¹"]
)
def test_what_is_no_rule_is_refused(written: str) -> None:
    with pytest.raises(NotAReview) as caught:
        Review.parse(written)
    assert written.split()[0] in str(caught.value) and "FRI1 FRI3" in str(caught.value)


def test_a_rule_that_would_not_fit_in_its_column_is_refused() -> None:
    names = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
    with pytest.raises(NotAReview):
        Review.parse(" ".join(f"{name}{n}" for name in names for n in (1, 3)))
    assert str(Review.parse(" ".join(names))) == " ".join(names)


# The next day on which orders are taken


def test_the_cut_off_hour_decides_between_today_and_the_next() -> None:
    friday = date(2026, 11, 6)
    assert next_review(MODUS, (), 12, at(friday - DAY, 23)) == friday
    assert next_review(MODUS, (), 12, at(friday, 11, 59)) == friday
    assert next_review(MODUS, (), 12, at(friday, 12)) == date(2026, 11, 20)
    assert next_review(MODUS, (), 24, at(friday, 23, 59)) == friday
    assert next_review(MODUS, (), 0, at(friday, 0)) == date(2026, 11, 20)
    assert following_review(MODUS, (), friday) == date(2026, 11, 20)


def test_hours_are_those_of_clocks_in_brussels_on_both_sides_of_a_change() -> None:
    sundays = Review.parse("SUN")
    for change in (date(2026, 3, 29), date(2026, 10, 25)):  # 24 hours they have not
        assert next_review(sundays, (), 12, at(change, 11, 59)) == change
        assert next_review(sundays, (), 12, at(change, 12)) == change + 7 * DAY
        assert next_review(sundays, (), 24, at(change - DAY, 23, 59)) == change
    # 10:30 in Greenwich is past noon in summer, and before noon the week after.
    assert next_review(sundays, (), 12, datetime(2026, 10, 18, 10, 30, tzinfo=UTC)) == date(
        2026, 10, 25
    )
    assert next_review(sundays, (), 12, datetime(2026, 10, 25, 10, 30, tzinfo=UTC)) == date(
        2026, 10, 25
    )
    # Greenwich is a day behind Brussels around midnight.
    assert next_review(sundays, (), 24, datetime(2026, 7, 4, 22, 30, tzinfo=UTC)) == date(
        2026, 7, 5
    )


def test_three_closed_weeks_are_passed_over() -> None:
    summer = Period(date(2026, 7, 13), date(2026, 8, 2))
    friday = date(2026, 7, 10)
    every_friday = Review.parse("FRI")
    assert next_review(every_friday, [summer], 12, at(friday, 12)) == date(2026, 8, 7)
    assert following_review(every_friday, [summer], friday) == date(2026, 8, 7)
    assert next_review(MODUS, [summer], 12, at(date(2026, 7, 3), 13)) == date(2026, 8, 7)
    assert next_review(Review(), [summer], 24, at(date(2026, 7, 20), 9)) == date(2026, 8, 3)


def test_a_month_may_have_no_fifth_friday() -> None:
    fifth = Review.parse("FRI5")
    found, day = [], date(2026, 1, 1)
    while day.year == 2026:
        day = following_review(fifth, (), day)
        found.append(day)
    assert [(one.month, one.day) for one in found] == [(1, 30), (5, 29), (7, 31), (10, 30), (1, 29)]


def test_month_ends_and_a_leap_day() -> None:
    assert following_review(Review.parse("MON1"), (), date(2026, 5, 31)) == date(2026, 6, 1)
    assert following_review(Review.parse("TUE5"), (), date(2028, 2, 1)) == date(2028, 2, 29)
    assert following_review(Review.parse("SUN5"), (), date(2026, 5, 30)) == date(2026, 5, 31)
    assert following_review(Review(), (), date(2026, 12, 31)) == date(2027, 1, 1)


# When it comes


def test_days_of_a_closed_period_do_not_count() -> None:
    holidays = Period(date(2026, 12, 24), date(2027, 1, 3))
    assert expected(date(2026, 12, 4), 10, [holidays]) == date(2026, 12, 14)
    assert expected(date(2026, 12, 18), 10, [holidays]) == date(2027, 1, 8)
    assert expected(date(2026, 12, 23), 1, [holidays]) == date(2027, 1, 4)
    assert expected(date(2026, 12, 23), 0, [holidays]) == date(2026, 12, 23)
    # Sent while it is closed, the order is found when it opens.
    assert expected(date(2026, 12, 28), 2, [holidays]) == date(2027, 1, 6)


def test_days_that_a_delivery_took() -> None:
    holidays = Period(date(2026, 12, 24), date(2027, 1, 3))
    assert days_taken(date(2026, 12, 18), date(2027, 1, 8), [holidays]) == 10
    assert days_taken(date(2026, 12, 18), date(2026, 12, 18), [holidays]) == 0
    assert days_taken(date(2026, 12, 18), date(2026, 12, 1), [holidays]) == 0
    assert days_taken(date(2026, 12, 23), date(2026, 12, 28), [holidays]) == 0


def test_deliveries_teach_slowly_what_was_configured_wrong() -> None:
    assert learned_lead(10, []) == 10
    assert learned_lead(10, [15]) == 11
    assert learned_lead(10, [20] * 4) == 15
    assert learned_lead(10, [20] * 396) == pytest.approx(19.9)


# Against a count of day after day

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
moments = st.builds(datetime.combine, days, st.times(), st.sampled_from([ZONE, UTC]))
closings = st.lists(
    st.builds(lambda first, n: Period(first, first + n * DAY), days, st.integers(0, 40)), max_size=3
)
names = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
review_days = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), max_size=3)


def nth_of_its_month(day: date) -> int:
    """How many of this weekday its month has had, this one too."""
    return sum((day - n * 7 * DAY).month == day.month for n in range(5))


def brute_force(
    wanted: list[tuple[int, int]], closed: list[Period], cutoff_hour: int, now: datetime
) -> date:
    clock = now.astimezone(ZONE)
    day = clock.date()
    while True:
        in_time = day > clock.date() or clock.hour < cutoff_hour
        is_open = not any(one.first <= day <= one.last for one in closed)
        taken = not wanted or any(
            day.weekday() == weekday and nth in (0, nth_of_its_month(day))
            for weekday, nth in wanted
        )
        if in_time and is_open and taken:
            return day
        day += DAY


@given(review_days, closings, st.booleans(), st.integers(0, 24), moments)
def test_the_next_review_is_the_earliest_that_fits(
    wanted: list[tuple[int, int]],
    closed: list[Period],
    closed_now: bool,
    cutoff_hour: int,
    now: datetime,
) -> None:
    today = now.astimezone(ZONE).date()
    if closed_now:  # three weeks that begin as somebody asks
        closed = [*closed, Period(today, today + 20 * DAY)]
    rule = Review.parse(" ".join(f"{names[weekday]}{nth or ''}" for weekday, nth in wanted))
    found = next_review(rule, closed, cutoff_hour, now)
    assert found >= today
    assert not any(found in period for period in closed)
    assert found == brute_force(wanted, closed, cutoff_hour, now)
    after = following_review(rule, closed, found)
    assert after == brute_force(wanted, closed, 0, at(found, 12))


@given(days, st.integers(0, 60), closings)
def test_a_delivery_comes_on_an_open_day_so_many_open_days_after_the_order(
    ordered: date, lead: int, closed: list[Period]
) -> None:
    comes = expected(ordered, lead, closed)
    assert comes >= ordered + lead * DAY
    assert not any(comes in period for period in closed)
    assert days_taken(ordered, comes, closed) == lead
    assert comes == ordered + lead * DAY or closed
