import gettext
import os

from launcher import messages

SOURCE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Leaderboard"
msgstr "排行榜"

msgid "%(count)s team"
msgid_plural "%(count)s teams"
msgstr[0] "%(count)s 支队伍"
"""


def test_translations_are_compiled_without_gettext_and_only_when_changed(tmp_path):
    folder = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text(SOURCE, encoding="utf-8")
    assert messages.compile_all(tmp_path) == 1
    assert messages.compile_all(tmp_path) == 0
    with (folder / "django.mo").open("rb") as file:
        translation = gettext.GNUTranslations(file)
    assert translation.gettext("Leaderboard") == "排行榜"
    assert translation.ngettext("%(count)s team", "%(count)s teams", 2) == "%(count)s 支队伍"
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert messages.compile_all(tmp_path) == 1
