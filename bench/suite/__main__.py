"""The command line of bench/run: selects experiments, sizes, durations and the folder of the results."""

import argparse
import datetime
import json
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from . import experiments, machine, report, rows
from .data import Data

ROOT = Path(__file__).resolve().parents[2]

# In the order of execution.
EXPERIMENTS = {"micro": experiments.micro, "commands": experiments.commands, "queries": experiments.queries,
               "mixed": experiments.mixed, "flood": experiments.flood, "embedded": experiments.embedded,
               "growth": experiments.growth, "memory": experiments.memory, "rebuild": experiments.rebuild,
               "verify": experiments.verify, "start": experiments.unclean_start}

# Accounts: the logs have about eleven times as many events, so a little more than one and ten million.
SIZES = {"small": 1_000, "middle": 100_000, "big": 1_000_000}
QUICK_SIZES = {"small": 200, "middle": 1_000, "big": 3_000}


def sizes_of(options):
    sizes = QUICK_SIZES if options.quick else SIZES
    return sizes | {"middle": options.accounts // 10, "big": options.accounts} if options.accounts else sizes


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures the service beside its peers and the "
                                     "machine's limits: about an hour, on a machine that does nothing else.")
    parser.add_argument("--list", action="store_true", help="name the experiments and their rows, and measure nothing")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these experiments or rows alone")
    parser.add_argument("--rounds", type=int, help="of each experiment (3)")
    parser.add_argument("--seconds", type=float, help="of each load (10)")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="of the load under which memory is watched (120)")
    parser.add_argument("--soak-rate", type=float, default=0, metavar="N", help="requests a second of that load (as many as go)")
    parser.add_argument("--accounts", type=int, help="of the largest log (1,000,000); the middle one has a tenth")
    parser.add_argument("--quick", action="store_true", help="small data, short loads, one round: to try the suite")
    parser.add_argument("--results", type=Path, metavar="DIR", help="where to write (build/bench-results/<time>); what is "
                        "there of other experiments stays")
    parser.add_argument("--report", action="store_true", help="write the report into bench/README.md too")
    parser.add_argument("--again", type=Path, metavar="DIR", help="measure nothing: report the results there anew")
    parser.add_argument("--keep", action="store_true", help="keep the data that was generated")
    parser.add_argument("--data", type=Path, metavar="DIR", help="use data that was kept, and keep it")
    return parser.parse_args(arguments)


def chosen(names):
    """The selected experiments; a name is that of an experiment or of one of its rows."""
    if not names:
        return list(EXPERIMENTS)
    of_rows = {row.name: row.experiment for row in rows.ROWS}
    unknown = [name for name in names if name not in EXPERIMENTS and name not in of_rows]
    if unknown:
        sys.exit(f"bench/run: there is no {', '.join(unknown)}; bench/run --list names all there are")
    wanted = {of_rows.get(name, name) for name in names}
    return [name for name in EXPERIMENTS if name in wanted]


def show_list():
    for name, experiment in EXPERIMENTS.items():
        print(f"{name}: {experiment.__doc__}")
        for row in rows.ROWS:
            if row.experiment == name:
                print(f"    {row.name:22} {row.what}{' / ' + row.beside_what if row.beside else ''}"
                      f"{f' ({row.bar} asked)' if row.bar else ''}")


def measure(options, work, folder):
    """Returns all samples and the failed experiments. After a failure the other experiments still run, and each sample
    is stored at once."""
    sizes = sizes_of(options)
    rounds = options.rounds or (1 if options.quick else 3)
    data = Data(ROOT / "build/bench", work, sizes)
    suite = experiments.Suite(ROOT, work, data, rounds, options.seconds or (1.5 if options.quick else 10),
                              options.soak or (8 if options.quick else 120), options.soak_rate)
    written = folder / "results.json"
    earlier = json.loads(written.read_text()) if written.exists() else {"samples": {}, "failed": {}, "events": {}}
    results = {"began": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "quick": options.quick,
               "rounds": rounds, "seconds": suite.seconds, "sizes": sizes, "machine": machine.describe(ROOT, work),
               "samples": earlier["samples"], "failed": earlier["failed"]}
    for name in chosen(options.only):
        began = time.monotonic()
        print(f"{name}: {EXPERIMENTS[name].__doc__}", file=sys.stderr)
        results["samples"].pop(name, None)
        results["failed"].pop(name, None)
        try:
            for sample in EXPERIMENTS[name](suite):
                results["samples"].setdefault(name, []).append(sample)
        except Exception as fault:  # keep the results of the other experiments
            results["failed"][name] = f"{type(fault).__name__}: {fault}"
            traceback.print_exc()
        results["events"] = earlier["events"] | data.events
        write_down(results, folder)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return results


def write_down(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def publish(results, folder, into_readme):
    """Writes results, table and plots, and the report if requested."""
    from . import plots  # --list works without Matplotlib
    write_down(results, folder)
    judged = rows.judge(results["samples"])
    drawn = plots.draw(folder, results["samples"], judged)
    text = report.written(results, judged, [Path(path.name) for path in drawn])
    (folder / "table.md").write_text(text + "\n", encoding="utf-8")
    if into_readme:
        pictures = ROOT / "bench/plots"
        shutil.rmtree(pictures, ignore_errors=True)
        pictures.mkdir()
        for path in drawn:
            shutil.copy(path, pictures)
        report.put_into(ROOT / "bench/README.md",
                        report.written(results, judged, [Path("plots") / path.name for path in drawn]))
    print(text)
    print(f"\nResults: {folder}", file=sys.stderr)


def main():
    options = options_of(sys.argv[1:])
    if options.list:
        return show_list()
    if options.again:
        return publish(json.loads((options.again / "results.json").read_text()), options.again, options.report)
    chosen(options.only)  # reports a wrong name at once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends every server and removes every file
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    folder = options.results or ROOT / "build/bench-results" / now
    work = options.data.resolve() if options.data else Path(tempfile.mkdtemp(prefix="bench-data-", dir=ROOT / "build"))
    work.chmod(0o755)
    try:
        results = measure(options, work, folder)
    finally:
        if options.keep or options.data:
            print(f"Data: {work}", file=sys.stderr)
        else:
            shutil.rmtree(work, ignore_errors=True)
    publish(results, folder, options.report)
    return 1 if results["failed"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of the list has closed the pipe
        sys.exit(0)
