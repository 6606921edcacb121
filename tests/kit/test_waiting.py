"""Waiting for one thing or another: nothing that came is lost, nothing is left behind."""

import asyncio

import pytest

from kit.waiting import unless


async def test_what_comes_first_is_returned_and_the_rest_ended():
    async def at_once():
        return 7

    event = asyncio.Event()
    before = asyncio.all_tasks()
    assert await unless(event, at_once()) == 7
    event.set()
    assert await unless(event, asyncio.Event().wait()) is None
    assert asyncio.all_tasks() == before


async def test_what_has_come_by_the_time_of_the_event_is_not_lost():
    async def at_once():
        return 7

    event = asyncio.Event()
    event.set()
    assert await unless(event, at_once()) == 7


async def test_an_error_is_raised():
    async def fails():
        raise KeyError("x")

    with pytest.raises(KeyError):
        await unless(asyncio.Event(), fails())
