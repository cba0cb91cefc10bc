"""What people say beside their answers: questions to the officer, and offers they have heard of."""

from __future__ import annotations

from fastapi import Request

from kit.session.acts import ask as asking
from kit.session.acts import codes
from kit.session.acts.sight import Sighting
from kit.session.acts.sight import sight as sight_act
from kit.session.http import control_wire, requests, wire
from kit.session.http.guard import asker, service_of
from kit.session.http.replies import Reply
from kit.session.run.writer import one_by_one

_ask, _open, _judge, _sight = (
    one_by_one(act) for act in (asking.ask, asking.open_questions, asking.judge_question, sight_act)
)


async def ask(request: Request, code: str, body: requests.AskRequest) -> Reply[wire.AskedReply]:
    """Keep a question for the officer, while questions are open."""
    await service_of(request).write(_ask, asking.Question(asker(request), body.text))
    return Reply(wire.AskedReply(asked=True), 201)


async def sight(request: Request, code: str, body: requests.SightRequest) -> Reply[wire.SightedReply]:
    """Note an offer that somebody has heard of, once the results are shown."""
    told = body.model_dump(exclude={"signs", "when"}) | {"heard": body.when}
    await service_of(request).write(_sight, Sighting(asker(request), told, tuple(body.signs)))
    return Reply(wire.SightedReply(noted=True), 201)


async def questions(request: Request, code: str) -> Reply[control_wire.QuestionsReply]:
    """Everything that was asked in a session."""
    return await _questions(request, codes.normalise_join_code(code))


async def open_questions(
    request: Request, code: str, body: requests.OpenQuestionsRequest
) -> Reply[control_wire.QuestionsReply]:
    """Open or close the questions of a session."""
    code = codes.normalise_join_code(code)
    await service_of(request).write(_open, (code, body.open))
    await service_of(request).live.refresh(code)
    return await _questions(request, code)


async def judge(
    request: Request, code: str, question_id: str, body: requests.JudgeRequest
) -> Reply[control_wire.QuestionsReply]:
    """Put a question on the screen, mark it as answered, or hide it."""
    code = codes.normalise_join_code(code)
    await service_of(request).write(_judge, (code, question_id, body.state))
    return await _questions(request, code)


async def _questions(request: Request, code: str) -> Reply[control_wire.QuestionsReply]:
    listed = await service_of(request).read(asking.list_questions, code)
    return Reply(control_wire.QuestionsReply.model_validate(listed))
