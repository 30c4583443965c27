"""Letters over a real connection to a mail server on this machine."""

from __future__ import annotations

import email
import email.header
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from agon.notifications.models import Kind, MailState, Notification
from agon.notifications.services import letters, notify

pytestmark = pytest.mark.django_db


@dataclass
class Mailbox:
    """What a mail server took, and how it answers to an address."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 ready")
            to = ""
            while line := self.rfile.readline().decode().strip():
                command = line[:4].upper()
                if command == "RCPT":
                    to = line.partition("<")[2].rstrip(">")
                    self.say(box.answers.get(to, "250 yes"))
                elif command == "DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    box.taken.append((to, b"".join(lines)))
                    self.say("250 taken")
                elif command == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 yes")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
    yield box
    server.shutdown()
    server.server_close()


def test_one_connection_takes_the_letters_that_it_may_and_the_rest_come_again(cast, mailbox):
    mailbox.answers = {"tom@example.org": "450 come again", "ron@example.org": "550 nobody"}
    people = [cast.paula, cast.tom, cast.ron, cast.sam]
    notify(
        kind=Kind.RESULTS,
        recipients=[person.pk for person in people],
        competition_id=cast.competition.pk,
        path="/competitions/digits/",
    )
    assert letters.send_due_letters() == 2
    states = dict(Notification.objects.values_list("recipient__username", "mail_state"))
    assert states == {
        "paula": MailState.SENT,
        "sam": MailState.SENT,
        "tom": MailState.WAITING,
        "ron": MailState.LOST,
    }
    (to, content), _sams = mailbox.taken
    letter = email.message_from_bytes(content)
    assert to == letter["To"] == "paula@example.org"
    assert letter["Subject"] == "[Agon] The results of Digits are published"
    unsubscribe = "".join(letter["List-Unsubscribe"].split())
    assert unsubscribe.startswith("<http://127.0.0.1:8000/unsubscribe/")


def test_chinese_words_arrive_whole(cast, mailbox):
    cast.competition.title = "手写数字"
    cast.competition.save()
    notify(kind=Kind.RESULTS, recipients=[cast.paula.pk], competition_id=cast.competition.pk)
    letters.send_due_letters()
    letter = email.message_from_bytes(mailbox.taken[0][1])
    assert "手写数字" in letter.get_payload(decode=True).decode()
    assert "手写数字" in str(
        email.header.make_header(email.header.decode_header(letter["Subject"]))
    )
