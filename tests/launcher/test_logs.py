from launcher import logs


def test_a_tail_reads_whole_lines_only(tmp_path):
    path = tmp_path / "web.log"
    path.write_text("old\n")
    tail = logs.Tail(path)
    with path.open("a") as file:
        file.write("one\ntwo\nthr")
    assert tail.new_lines() == ["one", "two"]
    with path.open("a") as file:
        file.write("ee\n")
    assert tail.new_lines() == ["three"]
    assert tail.new_lines() == []


def test_errors_are_shown_and_a_flood_is_not(tmp_path):
    path = tmp_path / "web.log"
    tail = logs.Tail(path)
    path.write_text("[INFO] fine\n" + "12:00 ERROR broken\n" * 50)
    assert tail.errors() == ["12:00 ERROR broken"] * logs.AT_ONCE
    with path.open("a") as file:
        file.write("12:01 ERROR again\n")
    assert tail.errors() == []


def test_a_long_log_is_moved_aside_while_it_is_written(tmp_path):
    path = tmp_path / "web.log"
    with path.open("ab") as writer:
        writer.write(b"x" * (logs.LARGEST_BYTES + 1))
        writer.flush()
        assert logs.cap(path)
        writer.write(b"next\n")
    assert path.read_bytes() == b"next\n"
    assert (tmp_path / "web.log.1").stat().st_size == logs.LARGEST_BYTES + 1
    assert not logs.cap(path)
