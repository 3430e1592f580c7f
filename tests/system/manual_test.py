"""The shell completion and the manual pages agree with the programs' own help."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from client import BIN, TTPCTL, TTPD, needs_ttpd

SOURCE = pathlib.Path(__file__).resolve().parents[2]

setUpModule = needs_ttpd


@functools.cache
def help_of(program, *command):
    return subprocess.run([program, *command, "--help"], capture_output=True, check=True, text=True, timeout=60).stdout


def commands_of(*command):
    section = re.search(r"(?ms)^Subcommands:\n(.*?)\n\n", help_of(TTPCTL, *command))
    return re.findall(r"(?m)^  ([a-z]+)\b", section.group(1)) if section else []


def tree(command=()):
    """Every command, including the groups of commands."""
    yield command
    for each in commands_of(*command):
        yield from tree((*command, each))


def options_of(program, *command):
    """Names of each option that has a line of its own in the help."""
    return {name for names in re.findall(r"(?m)^  (-\S+)", help_of(program, *command)) for name in names.split(",")}


def leaves():
    return [command for command in tree() if command and not commands_of(*command)]


class TreeTest(unittest.TestCase):
    def test_there_is_one(self):
        self.assertIn(("backup", "prune"), leaves())
        self.assertIn("--keep", options_of(TTPCTL, "backup", "prune"))
        self.assertGreater(len(leaves()), 15)


class CompletionTest(unittest.TestCase):
    def complete(self, *words):
        """The completions of the last word."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ttpctl; '
                  '((${#COMPREPLY[@]})) && printf "%s\\n" "${COMPREPLY[@]}" || true')
        done = subprocess.run(["bash", "-uc", script, "bash", str(SOURCE / "tools" / "completion" / "ttpctl"), TTPCTL,
                               *words], capture_output=True, check=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_offers_every_command_and_no_other(self):
        for command in tree():
            self.assertEqual(self.complete(*command, ""), set(commands_of(*command)), command)

    def test_offers_every_option_and_no_other(self):
        for command in tree():
            expected = set().union(*(options_of(TTPCTL, *command[:n]) for n in range(len(command) + 1)))
            self.assertEqual(self.complete(*command, "-"), expected, command)

    def test_goes_on_in_the_middle_of_a_word_and_behind_options(self):
        self.assertEqual(self.complete("ba"), {"backup"})
        self.assertEqual(self.complete("--data-dir", "config", "backup", "pr"), {"prune"})
        self.assertEqual(self.complete("backup", "prune", "--ke"), {"--keep"})

    def test_offers_the_choices_of_an_option_and_leaves_files_to_the_shell(self):
        self.assertEqual(self.complete("verify", "-o", ""), {"text", "json"})
        self.assertEqual(self.complete("init", "--language", "f"), {"fr"})
        self.assertEqual(self.complete("verify", "--data-dir", ""), set())


class ManualTest(unittest.TestCase):
    @staticmethod
    def page(name):
        return (SOURCE / "docs" / "man" / name).read_text().replace("\\-", "-")

    @staticmethod
    def options_in(text):
        """The options in bold at the head of items."""
        heads = re.findall(r"(?m)^\.(?:TP|TQ)\n(\.B.*)$", text)
        return {name for head in heads for name in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", head)}

    def exit_codes(self, text):
        return dict(re.findall(r"(?m)^\.TP\n\.B (\d)\n(.*)$", text[text.index(".SH EXIT STATUS"):]))

    def test_every_command_and_option_of_ttpctl_is_explained_and_no_other(self):
        page = self.page("ttpctl.1")
        sections = dict(zip(*[iter(re.split(r"(?m)^\.SS (.*)\n", page[:page.index(".SH EXIT")])[1:])] * 2))
        self.assertEqual(set(sections), {" ".join(command) for command in leaves()})
        for name, text in sections.items():
            self.assertEqual(self.options_in(text), options_of(TTPCTL, *name.split()) - {"-h", "--help"}, name)
        settings = options_of(TTPD) - {"-h", "--help", "--version", "--config"}
        self.assertEqual(self.options_in(page[:page.index(".SH COMMANDS")]), options_of(TTPCTL) - settings)

    def test_every_setting_of_ttpd_is_explained_and_no_other(self):
        self.assertEqual(self.options_in(self.page("ttpd.1")), options_of(TTPD))

    def test_the_exit_codes_are_those_of_the_help(self):
        said = re.search(r"Exit codes: (.*)\.", help_of(TTPCTL)).group(1)
        self.assertEqual(self.exit_codes(self.page("ttpctl.1")), dict(re.findall(r"(\d) ([^,]+)", said)))
        said = re.search(r"Exit codes: (.*)\.", help_of(TTPD)).group(1)
        self.assertEqual(set(self.exit_codes(self.page("ttpd.1"))), set(re.findall(r"(?:^|, )(\d) ", said)))


class InstallationTest(unittest.TestCase):
    def test_all_of_it_is_installed(self):
        folder = tempfile.mkdtemp(prefix="ttp-system-")
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run(["cmake", "--install", BIN, "--prefix", folder], capture_output=True, check=True, timeout=120)
        for path in ("bin/ttpd", "bin/ttpctl", "share/man/man1/ttpd.1", "share/man/man1/ttpctl.1",
                     "share/bash-completion/completions/ttpctl"):
            self.assertTrue(os.path.exists(os.path.join(folder, path)), path)


if __name__ == "__main__":
    unittest.main()
