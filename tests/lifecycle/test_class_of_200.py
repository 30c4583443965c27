"""A class of 200 on real parts, from the roster to the gradebook, with every figure reckoned anew.

PostgreSQL, the broker, the site and its workers run as they do in production; everybody acts through
the site's pages. What must come of it is worked out in `classroom` from nothing but the files sent.
"""

from __future__ import annotations

import html
import json
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import classroom
import pytest
from classroom import SLUG, TOTAL, Classroom, Group, Sent, Student

from tests.stack import Stack

# Its steps build on each other, and it kills a worker: they run one after the other, alone.
pytestmark = pytest.mark.chaos

BASE = f"/competitions/{SLUG}"
STUDENTS = [Student(number) for number in range(200)]
RUSH = 300
BANNED = STUDENTS[17]
"""One of “Team 05”."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("class")
    with Stack(folder, settings={"COURIER_SECONDS": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def people(stack, tmp_path_factory) -> Iterator[Classroom]:
    sessions = json.loads(stack.run("-c", classroom.MAKE_PEOPLE, str(len(STUDENTS))))
    folder = classroom.write_folder(tmp_path_factory.mktemp("folder") / SLUG)
    stack.manage("load_competition", str(folder), "--host", "teacher")
    found = Classroom(stack.web_url, sessions)
    yield found
    found.close()


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    """47 teams of four, and six pairs that become three more."""
    return [
        *classroom.groups_of(STUDENTS[:188], 4, "Team"),
        *classroom.groups_of(STUDENTS[188:], 2, "Pair"),
    ]


@pytest.fixture(scope="module")
def chance() -> random.Random:
    return random.Random(200)


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def until(what, seconds=90, pause=0.3):
    for _ in range(int(seconds / pause)):
        found = what()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError("it did not happen in time")


def together(act, items, threads=6):
    """Several at once, as a class is; the results in order."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(act, items))


def done(response):
    assert response.status_code == 302, text_of(response.text)[-1500:]
    return response


def board(person, split="public"):
    response = person.client.get(f"{BASE}/leaderboard/export.csv?split={split}")
    assert response.status_code == 200
    rows = classroom.table(response.text)
    return {row["team"]: (int(row["rank"]), row["score"]) for row in rows}


def send(people, group, content):
    """One file of a team's, by whose turn it is."""
    response = people[group.sender()].submit(SLUG, content)
    if response.status_code == 201:
        number = int(response.headers["Location"].rstrip("/").rpartition("/")[2])
        group.sent.append(Sent(content, number))
    return response


def guess(chance, groups, group):
    """Every other team has the labels of the second solution, which nobody knows of yet."""
    place = groups.index(group)
    return classroom.answers(chance, foresees=place % 2 == 1, skill=0.5 + place / 150)


def letters(stack):
    """The address in each letter, by whom it was sent to."""
    folder = stack.folder / "state" / "mail"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*"))
    return dict(re.findall(r"^To: (\S+)$.*?(/join/[\w-]+/)", text, re.MULTILINE | re.DOTALL))


def test_the_roster_is_read_and_everybody_gets_a_letter_and_comes_in(stack, people):
    teacher = people["teacher"]
    address = f"{BASE}/console/people/invitations/new/"
    read = teacher.client.post(
        address, files={"file": ("class.csv", classroom.roster(STUDENTS), "text/csv")}
    )
    assert "Invite 200 people?" in read.text
    (shown,) = re.findall(r'<textarea name="people"[^>]*>(.*?)</textarea>', read.text, re.DOTALL)
    done(teacher.client.post(address, data={"people": html.unescape(shown), "confirmed": "yes"}))
    found = until(lambda: len(mail := letters(stack)) == len(STUDENTS) and mail)

    assert people["stranger"].client.get(f"{BASE}/").status_code == 404
    assert people[STUDENTS[0]].client.get(f"{BASE}/").status_code == 404

    def accept(student):
        form = {"version": "1", "agree": "on"}
        return done(people[student].client.post(found[student.email], data=form))

    together(accept, STUDENTS)
    used = people["stranger"].client.post(found[STUDENTS[0].email], data={"version": "1"})
    assert used.status_code == 404
    assert "200" in text_of(teacher.client.get(f"{BASE}/console/people/").text)


def test_they_form_teams_by_link_and_by_invitation(stack, people, groups):
    def form(group):
        captain, *others = (people[student].client for student in group.members)
        done(captain.post(f"{BASE}/team/name/", data={"name": group.name}))
        if groups.index(group) % 5:
            done(captain.post(f"{BASE}/team/link/", data={"action": "renew"}))
            page = captain.get(f"{BASE}/team/").text
            (group.link,) = set(re.findall(rf"{BASE}/team/join/[\w-]+/", page))
            for other in others:
                done(other.post(group.link))
            return
        for student, other in zip(group.members[1:], others, strict=True):
            done(captain.post(f"{BASE}/team/invite/", data={"who": student.username}))
            page = other.get(f"{BASE}/team/").text
            (invitation,) = set(re.findall(rf"{BASE}/team/invitations/\d+/", page))
            done(other.post(invitation, data={"action": "accept"}))

    together(form, groups)
    page = text_of(people[groups[0].captain].client.get(f"{BASE}/team/").text)
    assert all(student.username in page for student in groups[0].members)


def test_a_full_team_takes_in_nobody_else_and_a_name_is_one_teams_alone(people, groups):
    first, pair = people[groups[1].captain].client, people[groups[-1].members[1]].client
    refused = pair.post(groups[1].link, follow_redirects=True)
    assert "The team is full" in text_of(refused.text)
    taken = first.post(f"{BASE}/team/name/", data={"name": groups[2].name.upper()})
    assert taken.status_code == 422


def test_the_first_files_of_all_teams_stand_on_the_board(stack, people, groups, chance):
    files = [(group, guess(chance, groups, group)) for group in groups]
    for response in together(lambda pair: send(people, *pair), files):
        assert response.status_code == 201
    expected = classroom.ranking(groups, classroom.solution(), "Public")
    until(lambda: len(board(people["teacher"])) == len(groups))
    assert board(people["teacher"]) == expected
    assert board(people[STUDENTS[199]]) == expected
    hidden = people[STUDENTS[199]].client.get(f"{BASE}/leaderboard/export.csv?split=private")
    assert hidden.status_code == 404


def merge(people, asking, asked):
    """The captain of one asks, the captain of the other accepts; gives the last page."""
    captain, other = people[asking.captain].client, people[asked.captain].client
    told = captain.post(f"{BASE}/team/merge/", data={"team": asked.name}, follow_redirects=True)
    questions = set(re.findall(rf"{BASE}/team/merge/\d+/", other.get(f"{BASE}/team/").text))
    if not questions:
        return told.text
    (question,) = questions
    answer = other.post(question, data={"action": "accept"}, follow_redirects=True)
    assert "You are one team now." in text_of(answer.text)
    asked.members += asking.members
    asked.sent = sorted(asked.sent + asking.sent, key=lambda one: one.number)
    return answer.text


def test_three_pairs_of_teams_merge_with_all_they_have_sent(people, groups):
    refusal = text_of(merge(people, groups[47], groups[0]))
    assert "Together you would be 6 people; at most 4" in refusal
    for asking, asked in ((48, 47), (50, 49), (52, 51)):
        merge(people, groups[asking], groups[asked])
    for gone in (52, 50, 48):
        del groups[gone]
    assert sum(len(group.sent) for group in groups) == 53
    assert board(people["teacher"]) == classroom.ranking(groups, classroom.solution(), "Public")
    assert len(board(people["teacher"], "private")) == 50


def test_a_ban_and_a_disqualification_take_a_person_and_a_team_out(people, groups):
    teacher, group = people["teacher"].client, groups[4]
    assert BANNED in group.members
    page = teacher.get(f"{BASE}/console/people/?q={BANNED.username}").text
    (person,) = set(re.findall(rf"{BASE}/console/people/\d+/", page))
    done(teacher.post(person, data={"action": "banned", "reason": "Copied from another team."}))
    assert people[BANNED].client.get(f"{BASE}/").status_code == 404
    refused = people[BANNED].submit(SLUG, group.sent[0].content)
    assert refused.status_code == 404
    assert people[group.captain].client.get(f"{BASE}/").status_code == 200

    page = teacher.get(f"{BASE}/console/teams/?q=Team+05").text
    (number,) = set(re.findall(rf"{BASE}/console/teams/(\d+)/", page))
    ruling = f"{BASE}/console/submissions/teams/{number}/disqualify/"
    done(teacher.post(ruling, data={"reason": "The whole team knew."}))
    group.is_disqualified = True
    expected = classroom.ranking(groups, classroom.solution(), "Public")
    assert len(expected) == 49
    assert board(people["teacher"]) == expected


def test_a_rescore_swaps_ranks_in_one_step(stack, people, groups):
    teacher = people["teacher"].client
    before = board(people["teacher"])
    begun = done(
        teacher.post(
            f"{BASE}/console/rescore/",
            data={"reason": "Sixty labels were wrong.", "keep": "on"},
            files={"solution": ("solution.csv", classroom.solution(second=True), "text/csv")},
        )
    )
    address = begun.headers["Location"]
    until(lambda: "Ready to publish" in teacher.get(address).text)
    assert board(people["teacher"]) == before
    done(teacher.post(f"{address}decide/", data={"decision": "publish"}))

    after = board(people["teacher"])
    assert after == classroom.ranking(groups, classroom.solution(second=True), "Public")
    swapped = [name for name in after if after[name][0] != before[name][0]]
    assert len(swapped) > 30
    stack.manage("rebuild_leaderboard", "--check", SLUG)


def move_the_close(people, moment):
    moved = people["teacher"].client.post(
        f"{BASE}/console/phases/",
        data={
            "starts_at": "2020-01-01T00:00:00",
            "ends_at": moment.strftime("%Y-%m-%dT%H:%M:%S"),
            "entry_deadline": "",
            "merge_deadline": "",
            "reason": "The lesson ends.",
            "confirmed": "on",
        },
    )
    done(moved)


def send_in_the_rush(people, playing, groups, chance):
    """300 files: six of each team, and one more of the first six teams. Each team in order."""
    plan = [
        [guess(chance, groups, group) for _ in range(6 + (place < 6))]
        for place, group in enumerate(playing)
    ]
    assert sum(map(len, plan)) == RUSH

    def send_all(pair):
        group, files = pair
        return [send(people, group, content).status_code for content in files]

    codes = together(send_all, list(zip(playing, plan, strict=True)))
    assert {code for of_team in codes for code in of_team} == {201}


def send_across_the_close(people, playing, groups, chance, close):
    """Teams that have one left send it around the last second; gives how many were in time."""
    waiting = [group for group in playing if len(group.sent) < TOTAL]
    files = [(group, guess(chance, groups, group)) for group in waiting]
    start = close - timedelta(seconds=3)

    def send_at_its_time(place):
        moment = start + timedelta(seconds=6 * place / len(files))
        time.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))
        return send(people, *files[place])

    answers = together(send_at_its_time, range(len(files)))
    refused = [answer for answer in answers if answer.status_code != 201]
    assert refused
    for answer in refused:
        assert answer.status_code in {403, 422}
        assert "submissions are closed" in text_of(answer.text)
    return len(answers) - len(refused)


def choose(people, group, picked):
    address = f"{BASE}/submissions/final/"
    form = {"final": [str(one.number) for one in picked]}
    done(people[group.captain].client.post(address, data=form))
    stale = people[group.members[1]].client.post(address, data={"final": form["final"][:0]})
    assert "Somebody of your team has chosen meanwhile" in text_of(stale.text)
    for one in picked:
        one.is_chosen = True


def test_what_comes_before_the_close_counts_and_what_comes_after_it_does_not(
    stack, people, groups, chance
):
    stack.kill("scoring")
    playing = [group for group in groups if not group.is_disqualified]
    send_in_the_rush(people, playing, groups, chance)

    merged = groups[-1]
    assert len(merged.sent) == TOTAL
    over = send(people, merged, merged.sent[0].content)
    assert over.status_code in {403, 422, 429}
    choose(people, groups[0], groups[0].sent[1:3])
    choose(people, groups[1], groups[1].sent[:1])
    choose(people, groups[10], groups[10].sent[-2:])

    close = (datetime.now(UTC) + timedelta(seconds=8)).replace(microsecond=0)
    move_the_close(people, close)
    in_time = send_across_the_close(people, playing, groups, chance, close)
    refused = people[groups[2].captain].client.post(
        f"{BASE}/submissions/final/", data={"final": [str(groups[2].sent[0].number)]}
    )
    assert refused.status_code == 422

    early = people["teacher"].client.post(f"{BASE}/console/results/", data={})
    assert early.status_code == 422
    told = f"{RUSH + in_time} submissions from before the close still wait"
    assert told in text_of(early.text)


def test_after_the_close_all_are_scored_and_only_hosts_see_the_private_board(stack, people, groups):
    stack.restart("scoring")
    results = f"{BASE}/console/results/"
    until(
        lambda: "Everything from before the close" in people["teacher"].client.get(results).text,
        seconds=150,
        pause=1,
    )
    truth = classroom.solution(second=True)
    assert board(people["teacher"]) == classroom.ranking(groups, truth, "Public")
    assert board(people["teacher"], "private") == classroom.ranking(groups, truth, "Private")
    stack.manage("rebuild_leaderboard", "--check", SLUG)

    student = people[groups[0].captain].client
    hidden = student.get(f"{BASE}/leaderboard/export.csv?split=private")
    assert hidden.status_code == 404
    assert "The results are not published yet" in student.get(f"{BASE}/results/").text


def test_the_published_results_are_what_the_files_say(stack, people, groups):
    done(people["teacher"].client.post(f"{BASE}/console/results/", data={}))
    truth = classroom.solution(second=True)
    expected = classroom.ranking(groups, truth, "Private")
    assert board(people[groups[0].captain], "private") == expected

    for group in (groups[0], groups[1], groups[10], groups[47]):
        rank, score = expected[group.name]
        page = text_of(people[group.members[-1]].client.get(f"{BASE}/results/").text)
        assert f"Your team is on rank {rank} of 49" in page
        assert score in page
        inbox = text_of(people[group.members[-1]].client.get("/inbox/").text)
        assert group.name in inbox
    page = people[groups[0].captain].client.get(f"{BASE}/results/").text
    (certificate,) = set(re.findall(rf"{BASE}/results/\d+/certificate.pdf", page))
    assert people[groups[0].captain].client.get(certificate).content.startswith(b"%PDF")
    assert people[groups[1].captain].client.get(certificate).status_code == 404
    assert people["stranger"].client.get(f"{BASE}/results/").status_code == 404


def test_the_gradebook_has_every_student_with_the_right_figures(people, groups):
    response = people["teacher"].client.get(f"{BASE}/console/results/grades.csv")
    assert response.status_code == 200
    rows = classroom.table(response.text)
    assert tuple(rows[0]) == classroom.HEADING
    found = {row["user_name"]: row for row in rows}
    assert len(rows) == len(found) == len(STUDENTS)
    expected = classroom.grades(groups, classroom.solution(second=True))
    for username, row in expected.items():
        assert found[username] == row
    given = [row["medal"] for row in found.values()]
    assert {"gold", "silver", "bronze", ""} == set(given)
    refused = people[STUDENTS[0]].client.get(f"{BASE}/console/results/grades.csv")
    assert refused.status_code in {403, 404}
