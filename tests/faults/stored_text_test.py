"""The reader of stored files finds texts that each format hides from a search of the raw bytes."""

import os
import shutil
import subprocess
import tempfile
import unittest

import stored_text

LDB = shutil.which("ldb")
TEXT = "the quiet otters of the northern row sign at noon"
# So similar to the text that compression stores most of one as a reference to the other.
ALIKE = "the quiet otters of the southern row sign at noon"


@unittest.skipUnless(LDB and stored_text.SST_DUMP, "the tools of RocksDB are not installed")
class StoredTextTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ttp-stored-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.database = os.path.join(self.folder, "db")

    def ldb(self, *arguments):
        done = subprocess.run([LDB, "--db=" + self.database, *arguments], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @staticmethod
    def raw(path):
        with open(path, "rb") as file:
            return file.read()

    def files(self, ending):
        return [os.path.join(self.database, name) for name in os.listdir(self.database) if name.endswith(ending)]

    def test_a_text_in_a_compressed_block_is_found(self):
        self.ldb("--create_if_missing", "--compression_type=snappy", "batchput",
                 *(part for n in range(40) for part in (f"key{n:02}", ALIKE if n % 2 else TEXT)))
        self.ldb("--compression_type=snappy", "compact")
        tables = self.files(".sst")
        held = b"".join(stored_text.of_table(path) for path in tables)
        raw = b"".join(self.raw(path) for path in tables)
        self.assertLess(raw.count(ALIKE.encode()), 20, "the control: compression hides it")
        self.assertGreaterEqual(held.count(ALIKE.encode()), 20)
        self.assertGreaterEqual(held.count(TEXT.encode()), 20)

    def test_a_text_that_was_replaced_or_deleted_and_is_still_there_is_found(self):
        self.ldb("--create_if_missing", "put", "key", TEXT)
        self.ldb("put", "key", ALIKE)  # opening the database makes a table file of the first
        self.ldb("delete", "key")
        held = b"".join(data for _, data in stored_text.below(self.database))
        self.assertIn(TEXT.encode(), held)
        self.assertIn(ALIKE.encode(), held)

    def test_a_text_across_the_border_of_two_blocks_of_a_journal_is_found(self):
        hidden = 0
        for before in range(stored_text.BLOCK - 80, stored_text.BLOCK, 11):
            shutil.rmtree(self.database, ignore_errors=True)
            self.ldb("--create_if_missing", "put", "key", "x" * before + TEXT)
            (journal,) = self.files(".log")
            raw = self.raw(journal)
            self.assertEqual(stored_text.of_records(raw).count(TEXT.encode()), 1)
            hidden += TEXT.encode() not in raw
        self.assertGreater(hidden, 0, "the control: the border hides it")

    def test_a_damaged_table_file_is_not_passed_over(self):
        self.ldb("--create_if_missing", "put", "key", TEXT)
        self.ldb("put", "other", TEXT)
        table = self.files(".sst")[0]
        with open(table, "r+b") as file:
            file.truncate(os.path.getsize(table) - 20)
        with self.assertRaises(stored_text.Unreadable):
            list(stored_text.below(self.database))
        self.assertTrue(list(stored_text.below(self.database, running=True)))


if __name__ == "__main__":
    unittest.main()
