"""Waiting with a deadline gives the answer as soon as it is there, and says what was missing if it is not."""

import itertools

import pytest

from tests.support.waiting import eventually, eventually_async


def test_the_first_truthy_answer_is_given_back() -> None:
    answers = itertools.chain([None, 0, ""], itertools.repeat("there"))
    assert eventually(lambda: next(answers)) == "there"


def test_a_passed_deadline_names_what_was_waited_for() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.02 s: the moon"):
        eventually(lambda: None, within=0.02, what="the moon")


async def test_an_awaited_check_is_asked_until_it_answers() -> None:
    answers = iter([False, True])

    async def check() -> bool:
        return next(answers)

    assert await eventually_async(check)
