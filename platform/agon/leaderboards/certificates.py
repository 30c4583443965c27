"""Certificates: a page as PDF, and the signed address that says whether one is genuine."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from django.core import signing
from django.utils import formats
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

SALT = "agon.certificate"
CHINESE = "STSong-Light"
LATIN = "Helvetica"
INK = HexColor("#14211b")
ACCENT = HexColor("#0b6b4f")
MUTED = HexColor("#55625c")


def token_of(standing_id: int, user_id: int) -> str:
    """What the address of a certificate holds; nobody else can make one."""
    return signing.dumps([standing_id, user_id], salt=SALT, compress=False)


def read_token(token: str) -> tuple[int, int] | None:
    """The final standing and the person of a genuine token."""
    try:
        standing_id, user_id = signing.loads(token, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return int(standing_id), int(user_id)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What one says.

    Attributes:
        person: Who has it, by the name that they go by.
        team: Their team's name; empty for a team of one that is called like the person.
        medal: In words; empty without one.
        address: Where anybody can see whether it is genuine.
    """

    competition: str
    person: str
    team: str
    rank: int
    teams: int
    medal: str
    published_at: datetime
    host: str
    address: str

    def as_pdf(self) -> bytes:
        """One landscape page of A4. Names in Chinese need no font beside the file: readers have it."""
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
        width, height = landscape(A4)
        target = io.BytesIO()
        canvas = Canvas(target, pagesize=(width, height))
        canvas.setTitle(f"{self.competition}: {self.person}")
        canvas.setAuthor("Agon")
        canvas.setStrokeColor(ACCENT)
        canvas.setLineWidth(1.2)
        canvas.roundRect(12 * mm, 12 * mm, width - 24 * mm, height - 24 * mm, 5 * mm)
        top = height - 34 * mm
        for text, size, color, gap in self._lines():
            top = _write(canvas, text, size=size, color=color, top=top, width=width) - gap * mm
        _write(canvas, self.address, size=9, color=MUTED, top=24 * mm, width=width)
        canvas.showPage()
        canvas.save()
        return target.getvalue()

    def _lines(self) -> list[tuple[str, float, HexColor, float]]:
        place = _("Rank %(rank)d of %(teams)d") % {"rank": self.rank, "teams": self.teams}
        lines = [
            (_("Certificate"), 16.0, ACCENT, 8.0),
            (self.person, 34.0, INK, 4.0),
            (_("as a member of the team %(team)s") % {"team": self.team} if self.team else "", 14.0, MUTED, 5.0),
            (_("took part in"), 14.0, MUTED, 5.0),
            (self.competition, 26.0, INK, 7.0),
            (place, 22.0, ACCENT, 3.0),
            (self.medal, 16.0, INK, 6.0),
            (
                _("%(host)s, %(date)s")
                % {"host": self.host, "date": formats.date_format(self.published_at, "DATE_FORMAT")},
                12.0,
                MUTED,
                0.0,
            ),
        ]  # fmt: skip
        return [line for line in lines if line[0]]


def _write(
    canvas: Canvas, text: str, *, size: float, color: HexColor, top: float, width: float
) -> float:
    """One centred paragraph that wraps where a name is long; gives where it ends."""
    style = ParagraphStyle(
        "line",
        fontName=LATIN if _is_latin(text) else CHINESE,
        fontSize=size,
        leading=size * 1.25,
        textColor=color,
        alignment=TA_CENTER,
    )
    paragraph = Paragraph(escape(text), style)
    room = width - 60 * mm
    needed: float = paragraph.wrap(room, 400 * mm)[1]
    paragraph.drawOn(canvas, 30 * mm, top - needed)
    return top - needed


def _is_latin(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
