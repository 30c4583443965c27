"""Take part from a terminal or a notebook: a client in one file, for the standard library alone.

    python agon_client.py login http://127.0.0.1:8000
    python agon_client.py list
    python agon_client.py download digits
    python agon_client.py submit digits submission.csv --wait
    python agon_client.py leaderboard digits

    >>> site = Site("http://127.0.0.1:8000", token="agon_…")          # doctest: +SKIP
    >>> folder = site.download("digits", "data/digits")               # doctest: +SKIP
    >>> print(summary(site.submit("digits", "submission.csv")))       # doctest: +SKIP

Every Agon site offers this file at /api/client/agon_client.py. A token is made on the site, under
Settings, Tokens. The variables AGON_URL and AGON_TOKEN come before what `login` kept.

Exit codes: 0 done; 1 refused, with the reason; 2 the command is not right; 3 no answer.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import http.client
import io
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

CREDENTIALS = (
    Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "agon/credentials.json"
)
BLOCK = 256 * 1024
SECONDS = 60
TRIES = 4
WAITS = (0.2, 0.3, 0.5, 1.0, 2.0)  # between two questions after a score; the last one goes on
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Refused(Exception):
    """The site said no; the text says why and what to do.

    Attributes:
        code: The reason as one word, such as `daily_limit`.
        link: The page that helps, or an empty text.
        status: The status of HTTP.
    """

    def __init__(self, text: str, *, code: str = "", link: str = "", status: int = 0) -> None:
        super().__init__(text)
        self.code, self.link, self.status = code, link, status


class NoAnswer(Exception):
    """The site could not be reached."""


class Site:
    """One Agon site, as one person.

    Args:
        address: Such as http://127.0.0.1:8000; by default AGON_URL, or what `login` kept.
        token: By default AGON_TOKEN, or what `login` kept for this address.

    Raises:
        Refused: No address is known, or it would carry the token in the clear to another machine.
    """

    def __init__(self, address: str | None = None, token: str | None = None) -> None:
        kept = _kept()
        address = address or os.environ.get("AGON_URL") or kept.get("address", "")
        if not address:
            raise Refused("Say which site: set AGON_URL, or run the command login first.")
        self.address = address.rstrip("/")
        same = kept.get("token", "") if kept.get("address") == self.address else ""
        self.token = token or os.environ.get("AGON_TOKEN") or same
        parts = urllib.parse.urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"{address} is no address of a site; one begins with https://")
        is_open = parts.scheme == "http" and parts.hostname not in LOOPBACK
        if is_open and self.token and "AGON_ALLOW_HTTP" not in os.environ:
            raise Refused(
                f"{self.address} is not encrypted, so anybody on the way could read your token. "
                "Use its https:// address, or set AGON_ALLOW_HTTP=1 on a network that you trust."
            )
        self._opener = urllib.request.build_opener(_Redirects)

    def me(self) -> dict[str, Any]:
        """Who the token belongs to."""
        return self._json("/api/me/")

    def competitions(self) -> list[dict[str, Any]]:
        """All competitions that you may see."""
        return list(self._pages("/api/competitions/", "competitions"))

    def competition(self, slug: str) -> dict[str, Any]:
        """One competition: its phase, metrics, limits and columns."""
        return self._json(f"/api/competitions/{_quoted(slug)}/")

    def files(self, slug: str) -> list[dict[str, Any]]:
        """The data files, each with name, size, sha256 and url."""
        found: list[dict[str, Any]] = self._json(f"/api/competitions/{_quoted(slug)}/files/")[
            "files"
        ]
        return found

    def download(
        self, slug: str, folder: str | Path | None = None, *names: str, quiet: bool | None = None
    ) -> Path:
        """Fetch the data files, or those of the given names; what is there and right is left.

        A download that was cut goes on where it stopped, now or in a later run.

        Returns:
            The folder, by default data/ and the competition's name.
        """
        target = Path(folder) if folder else Path("data") / slug
        files = self.files(slug)
        unknown = set(names) - {file["name"] for file in files}
        if unknown:
            raise Refused(f"{slug} has no file {', '.join(sorted(unknown))}.", code="not_found")
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            if not names or file["name"] in names:
                self._fetch(file, target / Path(file["name"]).name, quiet=quiet)
        return target

    def submit(
        self,
        slug: str,
        file: str | Path,
        *,
        note: str = "",
        kind: str = "",
        wait: bool = False,
        quiet: bool | None = None,
    ) -> dict[str, Any]:
        """Send a file.

        Args:
            slug: The competition.
            file: Predictions, a model or a program.
            note: For you, to know the submission again.
            kind: predictions, model or code; by default predictions.
            wait: Come back only once it has its score, or its reason.

        Raises:
            Refused: The site did not take it, and it cost nothing.
        """
        path = Path(file)
        if not path.is_file():
            raise Refused(f"There is no file {path}.", code="no_file")
        fields = {"note": note, "kind": kind or "predictions"}
        if os.environ.get("AGON_BASELINE"):
            fields["baseline"] = os.environ["AGON_BASELINE"]
        with path.open("rb") as stream:
            body = _Form(
                fields, path.name, stream, _Progress(path.name, path.stat().st_size, quiet)
            )
            headers = {"Content-Type": body.content_type, "Content-Length": str(body.size)}
            address = f"/api/competitions/{_quoted(slug)}/submissions/"
            submission: dict[str, Any] = self._json(address, data=body, headers=headers)
        return self.wait(slug, submission["id"], quiet=quiet) if wait else submission

    def submission(self, slug: str, number: int) -> dict[str, Any]:
        """Where a submission is, and once it has them its scores."""
        return self._json(f"/api/competitions/{_quoted(slug)}/submissions/{number}/")

    def submissions(self, slug: str) -> list[dict[str, Any]]:
        """Your team's submissions, the newest first."""
        address = f"/api/competitions/{_quoted(slug)}/submissions/"
        return list(self._pages(address, "submissions"))

    def finals(self, slug: str) -> dict[str, Any]:
        """Which submissions your team has chosen as final ones, and which count as things are."""
        return self._json(f"/api/competitions/{_quoted(slug)}/finals/")

    def choose(self, slug: str, *numbers: int) -> dict[str, Any]:
        """Choose the final submissions by their ids, in place of those chosen before."""
        body = json.dumps({"submissions": numbers}).encode()
        return self._json(
            f"/api/competitions/{_quoted(slug)}/finals/",
            data=body,
            headers={"Content-Type": "application/json"},
        )

    def wait(self, slug: str, number: int, *, quiet: bool | None = None) -> dict[str, Any]:
        """The submission, once it is scored, rejected, failed or canceled."""
        asked = 0
        line = _Line(quiet)
        while True:
            submission = self.submission(slug, number)
            if submission["is_finished"]:
                line.end()
                return submission
            position = submission.get("queue_position")
            line.show(f"{submission['state']}" + (f", place {position}" if position else ""))
            time.sleep(WAITS[min(asked, len(WAITS) - 1)])
            asked += 1

    def leaderboard(
        self, slug: str, *, split: str = "public", most: int = 50
    ) -> list[dict[str, Any]]:
        """The first rows of the board."""
        address = f"/api/competitions/{_quoted(slug)}/leaderboard/?split={_quoted(split)}"
        rows = []
        for row in self._pages(address, "rows"):
            rows.append(row)
            if len(rows) == most:
                break
        return rows

    # --- How it speaks ----------------------------------------------------------------------------

    def _pages(self, address: str, name: str) -> Iterator[dict[str, Any]]:
        following: str | None = address
        while following:
            page = self._json(following)
            yield from page[name]
            following = page.get("next")

    def _json(
        self, address: str, *, data: Any = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        tries = TRIES if data is None else 1
        with self._open(address, data=data, headers=headers, tries=tries) as response:
            content: dict[str, Any] = json.loads(response.read())
        return content

    def _open(
        self,
        address: str,
        *,
        data: Any = None,
        headers: dict[str, str] | None = None,
        tries: int = 1,
    ) -> http.client.HTTPResponse:
        # What the site calls itself may be another of its names; the token is for this one.
        path = urllib.parse.urlsplit(address)._replace(scheme="", netloc="").geturl()
        url = urllib.parse.urljoin(self.address + "/", path)
        request = urllib.request.Request(url, data=data, headers=headers or {})  # noqa: S310  # http or https, as `__init__` saw
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        for left in reversed(range(tries)):
            try:
                response: http.client.HTTPResponse = self._opener.open(request, timeout=SECONDS)
            except urllib.error.HTTPError as error:
                raise _refusal(error) from None
            except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
                if not left:
                    reason = getattr(error, "reason", error)
                    hint = (
                        "Is the address right, and the network there? Run the same command again."
                        if data is None
                        else "The file may have arrived all the same: look at your submissions "
                        "before you send it again."
                    )
                    raise NoAnswer(f"{self.address} does not answer ({reason}). {hint}") from None
                time.sleep(0.5 * (tries - left))
            else:
                return response
        raise AssertionError("the last try either answers or raises")

    def _fetch(self, file: dict[str, Any], target: Path, *, quiet: bool | None) -> None:
        if target.exists() and _sha256(target) == file["sha256"]:
            return
        part = target.with_name(f"{target.name}.{file['sha256'][:8]}.part")
        progress = _Progress(target.name, file["size"], quiet)
        for left in reversed(range(TRIES)):
            try:
                self._append(file, part, progress)
                break
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    raise NoAnswer(
                        f"{target.name} was cut off ({error}). Run it again, and it goes on there."
                    ) from None
        progress.end()
        if _sha256(part) != file["sha256"]:
            part.unlink()
            raise NoAnswer(f"{target.name} came damaged and was thrown away. Download it again.")
        part.replace(target)

    def _append(self, file: dict[str, Any], part: Path, progress: _Progress) -> None:
        have = part.stat().st_size if part.exists() else 0
        if have > file["size"]:
            part.unlink()
            have = 0
        if have and have == file["size"]:
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._open(file["url"], headers=headers, tries=TRIES) as response:
            goes_on = response.status == http.client.PARTIAL_CONTENT
            done = have if goes_on else 0
            with part.open("ab" if goes_on else "wb") as stream:
                while block := response.read(BLOCK):
                    stream.write(block)
                    done += len(block)
                    progress.show(done)
        if done < file["size"]:
            raise ConnectionError("the connection ended early")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect for reading only; the token, set for one request, does not go along."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.data is not None:
            raise Refused(f"The site has moved to {_origin(newurl)}: use that address.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Form(io.RawIOBase):
    """A form with one file as a stream, so that no file is ever in memory as a whole."""

    def __init__(
        self, fields: dict[str, str], name: str, stream: IO[bytes], progress: _Progress
    ) -> None:
        boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        lines = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        safe = name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
        lines.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        self._parts: list[IO[bytes]] = [
            io.BytesIO("".join(lines).encode()),
            stream,
            io.BytesIO(f"\r\n--{boundary}--\r\n".encode()),
        ]
        self.size = sum(part.seek(0, 2) for part in self._parts)
        for part in self._parts:
            part.seek(0)
        self._progress, self._sent = progress, 0

    def read(self, size: int = -1) -> bytes:
        wanted = BLOCK if size < 0 else max(size, BLOCK)
        while self._parts:
            block = self._parts[0].read(wanted)
            if block:
                self._sent += len(block)
                self._progress.show(self._sent)
                return block
            self._parts.pop(0)
        self._progress.end()
        return b""


class _Line:
    """A line that is written over, on a terminal only."""

    def __init__(self, quiet: bool | None) -> None:
        self.is_shown = sys.stderr.isatty() if quiet is None else not quiet
        self._width = 0

    def show(self, text: str) -> None:
        if self.is_shown:
            sys.stderr.write(f"\r{text:<{self._width}}")
            sys.stderr.flush()
            self._width = len(text)

    def end(self) -> None:
        if self.is_shown and self._width:
            sys.stderr.write("\n")
            self._width = 0


class _Progress(_Line):
    def __init__(self, name: str, total: int, quiet: bool | None) -> None:
        super().__init__(quiet)
        self._name, self._total, self._at = name, max(total, 1), 0.0

    def show(self, done: int | str) -> None:
        now = time.monotonic()
        if isinstance(done, int) and (now - self._at > 0.1 or done >= self._total):
            self._at = now
            share = min(done / self._total, 1.0)
            super().show(f"{self._name}  {share:4.0%} of {self._total / 1e6:.1f} MB")


def _refusal(error: urllib.error.HTTPError) -> Refused:
    try:
        about = json.loads(error.read())["error"]
        texts = [about["message"]]
        for problem in about.get("problems", []):
            texts += [problem["sentence"], *(f"  {example}" for example in problem["examples"])]
        if about.get("link"):
            texts.append(about["link"])
        code, link = about["code"], about.get("link") or ""
    except (ValueError, KeyError, TypeError, OSError):
        texts, code, link = [f"The site answered {error.code} {error.reason}."], "", ""
    return Refused("\n".join(texts), code=code, link=link, status=error.code)


def summary(submission: dict[str, Any]) -> str:
    """A submission in a few lines: its state, its scores with intervals, its page."""
    late = " (late: scored, and on no board)" if submission.get("is_late") else ""
    lines = [f"Submission {submission['number']}: {submission['state']}{late}"]
    for score in submission["scores"]:
        interval = ""
        if score["low"] is not None:
            interval = f"  (95 % interval {score['low']:.5f} to {score['high']:.5f})"
        lines.append(f"  {score['metric']}, {score['split']}: {score['value']:.5f}{interval}")
    for problem in submission["problems"]:
        lines += [f"  {problem['sentence']}", *(f"    {line}" for line in problem["examples"])]
    return "\n".join([*lines, submission["url"]])


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _kept() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(CREDENTIALS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


# --- Commands -------------------------------------------------------------------------------------


def login(address: str) -> str:
    """Ask for a token, try it, and keep it where only you can read it."""
    token = getpass.getpass(f"Token (make one at {address.rstrip('/')}/settings/tokens/): ").strip()
    site = Site(address, token)
    name = site.me()["username"]
    CREDENTIALS.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(CREDENTIALS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)  # one from before may be open to others
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({"address": site.address, "token": token}, stream)
    return f"You are {name} at {site.address}. The token is kept in {CREDENTIALS}."


def table(rows: list[list[str]]) -> str:
    """Texts in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def shown_competitions(found: list[dict[str, Any]]) -> str:
    rows = [[one["slug"], one["status"], one["title"]] for one in found]
    return table([["name", "status", "title"], *rows]) if rows else "There are none for you yet."


def shown_submissions(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            str(one["id"]),
            str(one["number"]),
            one["state"],
            _first_score(one),
            _mark(one),
            one["note"],
        ]
        for one in found
    ]
    heads = ["id", "number", "state", "score", "final", "note"]
    return table([heads, *rows]) if rows else "You have submitted nothing yet."


def shown_finals(found: dict[str, Any]) -> str:
    chosen = " ".join(map(str, found["chosen"])) or "none"
    counting = " ".join(map(str, found["counting"])) or "none"
    end = " It is too late to choose." if found["is_locked"] else ""
    return (
        f"Chosen: {chosen} (at most {found['most']}). As things are, these count: {counting}.{end}"
    )


def shown_board(found: list[dict[str, Any]]) -> str:
    rows = [
        ["-" if row["rank"] is None else str(row["rank"]), row["team"], f"{row['score']:.5f}"]
        for row in found
    ]
    return table([["rank", "team", "score"], *rows]) if rows else "Nobody is on the board yet."


def _first_score(submission: dict[str, Any]) -> str:
    ranking = [score for score in submission["scores"] if score["ranks"]]
    return f"{ranking[0]['value']:.5f}" if ranking else "-"


def _mark(submission: dict[str, Any]) -> str:
    if submission.get("is_late"):
        return "late"
    return "chosen" if submission.get("is_chosen") else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="agon", description="Take part in competitions from a terminal."
    )
    parser.add_argument("--url", help="the site (or AGON_URL, or the one of login)")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    commands = parser.add_subparsers(dest="command", required=True)
    kept = commands.add_parser("login", help="keep a token for a site")
    kept.add_argument("address", nargs="?", help="such as https://agon.example.org")
    commands.add_parser("logout", help="forget the token")
    commands.add_parser("whoami", help="whose token this is")
    commands.add_parser("list", help="the competitions")
    fetch = commands.add_parser("download", help="fetch a competition's data")
    fetch.add_argument("competition")
    fetch.add_argument("folder", nargs="?", help="by default data/COMPETITION")
    fetch.add_argument("--file", action="append", default=[], help="only this one; may be repeated")
    send = commands.add_parser("submit", help="send predictions, a model or a program")
    send.add_argument("competition")
    send.add_argument("file")
    send.add_argument("--note", default="", help="for you, to know it again")
    send.add_argument("--kind", default="", choices=["predictions", "model", "code"])
    send.add_argument("--wait", action="store_true", help="until it is scored")
    one = commands.add_parser("show", help="one submission")
    one.add_argument("competition")
    one.add_argument("id", type=int)
    final = commands.add_parser(
        "choose", help="your team's final submissions; without ids, see them"
    )
    final.add_argument("competition")
    final.add_argument("ids", type=int, nargs="*", help="of the submissions that are to count")
    final.add_argument(
        "--none", action="store_true", help="choose none; the best public ones count"
    )
    for name, about in (("submissions", "those of your team"), ("leaderboard", "who stands where")):
        commands.add_parser(name, help=about).add_argument("competition")
    return parser


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """What a command found, and how a person reads it."""
    if options.command == "login":
        address = options.address or options.url or os.environ.get("AGON_URL")
        return {}, login(address or input("Address of the site: "))
    if options.command == "logout":
        CREDENTIALS.unlink(missing_ok=True)
        return {}, "The token is forgotten here. To end it everywhere, revoke it on the site."
    site = Site(options.url)
    match options.command:
        case "whoami":
            me = site.me()
            return me, f"{me['username']} at {site.address}"
        case "list":
            found = site.competitions()
            return found, shown_competitions(found)
        case "download":
            folder = site.download(options.competition, options.folder, *options.file)
            return {"folder": str(folder)}, f"The data is in {folder}."
        case "submit":
            submission = site.submit(
                options.competition,
                options.file,
                note=options.note,
                kind=options.kind,
                wait=options.wait,
            )
            return submission, summary(submission)
        case "show":
            submission = site.submission(options.competition, options.id)
            return submission, summary(submission)
        case "choose":
            if options.ids or options.none:
                finals = site.choose(options.competition, *options.ids)
            else:
                finals = site.finals(options.competition)
            return finals, shown_finals(finals)
        case "submissions":
            found = site.submissions(options.competition)
            return found, shown_submissions(found)
        case _:
            found = site.leaderboard(options.competition)
            return found, shown_board(found)


def _tell(fault: Exception, *, code: str, as_json: bool) -> None:
    content = json.dumps({"error": {"code": code, "message": str(fault)}}, indent=2)
    print(content if as_json else fault, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        content, text = run(options)
    except Refused as refusal:
        _tell(refusal, code=refusal.code or "refused", as_json=options.json)
        return 1
    except NoAnswer as fault:
        _tell(fault, code="no_answer", as_json=options.json)
        return 3
    except KeyboardInterrupt:
        print("\nStopped. What was downloaded is kept.", file=sys.stderr)
        return 130
    print(json.dumps(content, indent=2) if options.json else text)
    if options.command == "submit" and options.wait:
        return 0 if content["state"] == "scored" else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
