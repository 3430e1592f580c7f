"""The experiments. Each yields one sample per round: named numbers that were measured side by side. rows.py defines
the comparisons and the required ratios."""

import contextlib
import json
import shutil
import statistics
import threading
import time

from . import processes
from .data import exchange
from .peers import Peers
from .processes import Listening

CONNECTIONS = (64, 256)
CACHE_MIB = 256
GROWTH_OWNERS_MAX = 1000
FLOOD_CONNECTIONS = 16
DRAFT = json.dumps({"answers": {"legal_structure": "corporation", "year_founded": "1998",
                                "company_activities": "Sawn timber and maple products, catalogue 0, reviewed each January.",
                                "company_owners": "A family trust and two employees, a third each.",
                                "head_office_address": "12 rue Principale, Gatineau QC J8X 3X7"}}, separators=(",", ":"))


class Suite:
    """Shared by the experiments: programs, data, durations and numbers of rounds."""

    def __init__(self, root, work, data, rounds, seconds, soak_seconds, soak_rate):
        self.root = root
        self.work = work
        self.programs = root / "build/bench"
        self.data = data
        self.rounds = rounds
        self.seconds = seconds
        self.soak_seconds = soak_seconds
        self.soak_rate = soak_rate
        self.settings = processes.run(self.programs / "ttpd", "--help")

    def server(self, name, cache_mib=None):
        """Starts the service on the data of that size, without rate limits, and waits until it is ready."""
        limits = [f"--{limit}={2**32 - 1}" for limit in ("rate-limit-per-address", "rate-limit-per-user")]
        if cache_mib and "--cache-mib" in self.settings:
            limits.append(f"--cache-mib={cache_mib}")
        server = Listening(self.programs / "ttpd", "--sandbox", "--data-dir", self.data.directory(name), "--port=0",
                           "--connections-per-address=4096", "--drain-ready-seconds=0", *limits, errors=self.work / "ttpd.log")
        try:
            server.wait_until_ready()
        except BaseException:
            processes.end(server.process)
            raise
        return server

    def load(self, port, targets, connections, commands=0, rate=0, seconds=None, options=()):
        """Runs a load of `commands` percent commands, the rest queries, and returns its results."""
        seconds = seconds or self.seconds
        processes.settle()
        seen = processes.json_of(self.programs / "bench/load", "--port", port, "--targets", targets, "--connections",
                                 connections, "--commands", commands, "--rate", rate, "--seconds", seconds, "--warm-up",
                                 min(2, seconds / 2), *options, timeout=seconds + 120)
        if seen["refused"] or seen["broken"] or seen["closed"] > 0.01 * sum(seen[kind]["count"] for kind in
                                                                            ("commands", "queries")):
            raise processes.Failed(f"the load was not answered as it should be: {seen}")
        return seen

    def fdatasync(self, seconds=2):
        processes.settle()
        return processes.json_of(self.programs / "bench/limits", "fdatasync", self.work, "--seconds", seconds)

    @contextlib.contextmanager
    def bare(self, server, name):
        """Starts the bare server with the answers of `server`."""
        token, account = self.data.first_target(name)
        get, post = self.work / "get.answer", self.work / "post.answer"
        get.write_bytes(exchange(server.port, token, "GET", f"/v1/accounts/{account}"))
        post.write_bytes(exchange(server.port, token, "PUT", f"/v1/accounts/{account}/profiles/company", DRAFT))
        with Listening(self.programs / "bench/bare", "--get", get, "--post", post) as bare:
            yield bare

    def position(self, server, name):
        """The log's position, found by saving one draft."""
        token, account = self.data.first_target(name)
        answer = exchange(server.port, token, "PUT", f"/v1/accounts/{account}/profiles/company",
                          DRAFT.replace("catalogue 0", f"catalogue {time.time_ns()}"))
        return json.loads(answer.partition(b"\r\n\r\n")[2])["position"]


# ---- over HTTP --------------------------------------------------------------------------------------------------


def commands(suite):
    """Durable commands beside the peers, the bare server and one synced write."""
    suite.data.sign_in("small")
    targets = suite.data.targets("small")
    with Peers(suite.root, suite.work) as peers, suite.server("small") as server, suite.bare(server, "small") as bare:
        for _ in range(suite.rounds):
            sample = {f"message_db_{clients}": peers.message_db(clients, suite.seconds) for clients in (1, 8, 32)}
            sample |= {f"emmett_{clients}": peers.emmett(clients, suite.seconds) for clients in (8, 32)}
            sample["best_peer"] = max(sample.values())
            for connections in CONNECTIONS:
                before, written = suite.position(server, "small"), server.bytes_written()
                seen = suite.load(server.port, targets, connections, commands=100)["commands"]
                events = suite.position(server, "small") - before
                sample[f"commands_{connections}"] = seen["per_second"]
                sample[f"written_per_event_{connections}"] = (server.bytes_written() - written) / events
                sample[f"bare_{connections}"] = suite.load(bare.port, targets, connections,
                                                           commands=100)["commands"]["per_second"]
            sample["commands_best"] = max(sample[f"commands_{connections}"] for connections in CONNECTIONS)
            sample["payload"] = len(DRAFT)
            synced = [suite.fdatasync()]
            half_rate = sample["commands_64"] / 2
            half = suite.load(server.port, targets, 64, commands=100, rate=half_rate)["commands"]
            synced.append(suite.fdatasync())
            bare_half = suite.load(bare.port, targets, 64, commands=100, rate=half_rate)["commands"]
            one = suite.load(server.port, targets, 1, commands=100)["commands"]
            synced.append(suite.fdatasync())
            sample |= {"half_p99_us": half["p99_us"], "half_p50_us": half["p50_us"], "one_p50_us": one["p50_us"],
                       "bare_half_p99_us": bare_half["p99_us"]}
            sample |= {f"fdatasync_{each}": statistics.median(one[each] for one in synced) for each in ("p50_us", "p99_us")}
            yield sample


def queries(suite):
    """Queries beside the bare server that sends the same bytes; the two alternate in coming first."""
    suite.data.sign_in("small")
    targets = suite.data.targets("small")
    with suite.server("small") as server, suite.bare(server, "small") as bare:
        for number in range(suite.rounds):
            sample = {}
            in_turn = [("queries", server.port), ("bare", bare.port)][::-1 if number % 2 else 1]
            for connections in CONNECTIONS:
                for name, port in in_turn:
                    sample[f"{name}_{connections}"] = suite.load(port, targets, connections)["queries"]["per_second"]
            yield sample


def mixed(suite):
    """Nine queries to one command, beside the prediction from each alone: the sum of their times."""
    suite.data.sign_in("small")
    targets = suite.data.targets("small")
    with suite.server("small") as server:
        for _ in range(suite.rounds):
            sample = {}
            for connections in CONNECTIONS:
                of_commands = suite.load(server.port, targets, connections, commands=100)["commands"]["per_second"]
                of_queries = suite.load(server.port, targets, connections)["queries"]["per_second"]
                seen = suite.load(server.port, targets, connections, commands=10)
                both = 1 / (0.1 / of_commands + 0.9 / of_queries)
                sample |= {f"commands_{connections}": seen["commands"]["per_second"],
                           f"commands_predicted_{connections}": 0.1 * both,
                           f"queries_{connections}": seen["queries"]["per_second"],
                           f"queries_predicted_{connections}": 0.9 * both}
            yield sample


def flood(suite):
    """The latency of a steady load, alternately alone and during sign-in attempts with wrong passwords."""
    suite.data.sign_in("small")
    targets = suite.data.targets("small")
    with suite.server("small") as server:
        for _ in range(suite.rounds):
            peak = suite.load(server.port, targets, 32, commands=50, seconds=max(suite.seconds / 3, 1))
            rate = (peak["commands"]["per_second"] + peak["queries"]["per_second"]) / 4
            quiet = suite.load(server.port, targets, 32, commands=50, rate=rate)
            tries = processes.start(suite.programs / "bench/load", "--port", server.port, "--sign-ins",
                                    suite.data.sizes["small"], "--connections", FLOOD_CONNECTIONS, "--warm-up", 0,
                                    "--seconds", suite.seconds + 2, stdout=processes.subprocess.PIPE,
                                    stderr=processes.subprocess.DEVNULL)
            try:
                flooded = suite.load(server.port, targets, 32, commands=50, rate=rate)
                tried = json.loads(tries.communicate(timeout=suite.seconds + 60)[0])
            finally:
                processes.end(tries)
            sample = {"rate": rate, "passwords_tried": tried["sign_ins"]["count"], "tries_turned_away": tried["refused"]}
            yield sample | {f"{kind}_{when}_p99_us": seen[kind]["p99_us"] for kind in ("commands", "queries")
                            for when, seen in (("quiet", quiet), ("flooded", flooded))}


def growth(suite):
    """The same load on 1 k, 100 k and 1 M accounts: each size has as many owners as the small one, chosen evenly,
    and each request uses the next owner. Each round begins with another size, because a server still flushes and merges
    while the next one is measured."""
    sizes = ("small", "middle", "big")
    with contextlib.ExitStack() as stack:
        servers = {}
        for size in sizes:
            suite.data.sign_in(size)
            servers[size] = stack.enter_context(suite.server(size, CACHE_MIB))
        owners = min(GROWTH_OWNERS_MAX, *(suite.data.owners(size) for size in sizes))
        for size in sizes:  # fills the caches of the new servers
            suite.load(servers[size].port, suite.data.targets(size, owners), 64, commands=50, options=["--in-turn"])
        for number in range(suite.rounds):
            sample = {}
            first = number % len(sizes)
            for kind, percent in (("commands", 100), ("queries", 0)):
                for size in sizes[first:] + sizes[:first]:
                    seen = suite.load(servers[size].port, suite.data.targets(size, owners), 64, commands=percent,
                                      options=["--in-turn"])
                    sample[f"{kind}_{size}"] = seen[kind]["per_second"]
                seen = suite.load(servers["big"].port, suite.data.targets("big"), 64, commands=percent, options=["--in-turn"])
                sample[f"{kind}_wide"] = seen[kind]["per_second"]
            yield sample


# ---- without HTTP -----------------------------------------------------------------------------------------------


def embedded(suite):
    """Appends by 64 writers through the executor, and the resulting batches alone."""
    directory = suite.data.directory("small")
    for _ in range(suite.rounds):
        yield processes.json_of(suite.programs / "bench/append", "--data-dir", directory, "--targets",
                                suite.data.targets("small"), "--times", max(int(suite.seconds), 2))


def rebuild(suite):
    """A rebuild of all projections by ttpctl, beside a raw scan of the events."""
    for _ in range(suite.rounds):
        sample = {}
        for size in ("middle", "big"):
            directory = suite.data.directory(size)
            file = suite.work / "rebuild.out"
            with open(file, "w", encoding="utf-8") as out:
                whole, memory = processes.measured(suite.programs / "ttpctl", "rebuild", "--all", "-o", "json", "--sandbox",
                                                   "--data-dir", directory, stdout=out)
            built = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
            scanned = processes.json_of(suite.programs / "bench/limits", "scan", directory)
            events, seconds = built["events"], built["build_seconds"]
            sample |= {f"per_second_{size}": events / seconds, f"memory_mib_{size}": memory,
                       f"us_per_event_{size}": seconds / events * 1e6, f"whole_seconds_{size}": whole,
                       f"scan_per_second_{size}": scanned["events"] / scanned["seconds"], f"events_{size}": events}
        yield sample


def verify(suite):
    """Verification of an export without any store, beside SHA-256 alone over the same bytes."""
    directory = suite.data.directory("big")
    bundle = suite.work / "bundle"
    ttpctl = suite.programs / "ttpctl"
    key = json.loads(processes.run(ttpctl, "checkpoint", "show", "-o", "json", "--sandbox", "--data-dir", directory))
    processes.run(ttpctl, "export", bundle, "--sandbox", "--data-dir", directory, timeout=3600)
    try:
        events = suite.data.events["big"]
        samples = []
        processes.settle()
        for _ in range(suite.rounds):
            seconds, memory = processes.measured(ttpctl, "verify", "--export", bundle, "--key", key["verifier_key"])
            hashed = processes.json_of(suite.programs / "bench/limits", "sha256", bundle)
            sample = {"per_second": events / seconds, "memory_mib": memory, "sha256_per_second": events / hashed["seconds"],
                      "sha256_bytes": hashed["bytes"]}
            samples.append(sample | {"asked_per_second": min(1e6, sample["sha256_per_second"] / 2)})
        # Not alternating with the others: the stores would evict the bundle from the kernel's cache, and only the first
        # reader of the bundle would wait for the disk.
        for sample in samples:
            whole, _ = processes.measured(ttpctl, "verify", "--sandbox", "--data-dir", directory)
            yield sample | {"with_views_per_second": events / whole}
    finally:
        shutil.rmtree(bundle, ignore_errors=True)


def unclean_start(suite):
    """The time from the start of a server that was killed under load until it is ready."""
    for _ in range(suite.rounds):
        suite.data.sign_in("big")
        with suite.server("big") as server:
            load = threading.Thread(target=ignore_failures, args=(suite.load, server.port, suite.data.targets("big"), 256),
                                    kwargs={"commands": 100, "seconds": suite.seconds + 5})
            load.start()
            time.sleep(suite.seconds)
            server.kill()
            load.join()
        began = time.monotonic()
        with suite.server("big"):
            yield {"seconds": time.monotonic() - began}


def ignore_failures(work, *arguments, **options):
    with contextlib.suppress(processes.Failed):
        work(*arguments, **options)


def memory(suite):
    """The memory of a server with a million accounts under a long mixed load."""
    suite.data.sign_in("big")
    with suite.server("big", CACHE_MIB) as server:
        over_time = []
        done = threading.Event()
        began = time.monotonic()

        def watch():
            while not done.wait(1):
                over_time.append([time.monotonic() - began, server.memory_mib()[0]])

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            suite.load(server.port, suite.data.targets("big"), 64, commands=10, rate=suite.soak_rate,
                       seconds=suite.soak_seconds, options=["--in-turn"])
        finally:
            done.set()
            watcher.join()
        quarter = len(over_time) // 4
        now, peak = server.memory_mib()
        yield {"mib": now, "peak_mib": peak, "over_time": over_time, "soak_seconds": suite.soak_seconds,
               "soak_rate": suite.soak_rate, "accounts": suite.data.sizes["big"],
               "second_quarter_mib": statistics.mean(mib for _, mib in over_time[quarter:2 * quarter]),
               "last_quarter_mib": statistics.mean(mib for _, mib in over_time[-quarter:])}


def micro(suite):
    """Each step of a command and a query alone, by Google Benchmark."""
    seen = json.loads(processes.run(suite.programs / "bench/micro", "--benchmark_format=json",
                                    f"--benchmark_min_time={suite.seconds / 20}"))
    yield {step["name"]: step["cpu_time"] for step in seen["benchmarks"]}
