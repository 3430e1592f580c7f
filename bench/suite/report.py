"""The report: a table of the measurements, for the results folder and for bench/README.md."""

import statistics

BEGIN = "<!-- written by bench/run --report; do not edit -->"
END = "<!-- end of what is written by bench/run --report -->"


ACCOUNTS_ASKED = 1_000_000


def number(value):
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(judged):
    lines = ["| measured | ours | beside | | figure | spread | bar | |", "|---|--:|---|--:|--:|--:|--:|---|"]
    for each in judged:
        row = each.row
        verdict = f"**{each.verdict}**" if each.verdict == "missed" else each.verdict
        lines.append(f"| {row.what} | {number(each.ours)} {row.unit} | {row.beside_what} | {number(each.beside)} "
                     f"| {number(each.figure)} | {number(each.least)} - {number(each.most)} | {row.bar or ''} | {verdict} |")
    return "\n".join(lines)


def micro_table(samples):
    """Nanoseconds of processor time of each step, the median of its rounds."""
    if not samples:
        return ""
    lines = ["| step | ns |", "|---|--:|"]
    for name in samples[0]:
        lines.append(f"| {name} | {number(statistics.median(sample[name] for sample in samples))} |")
    return "\n".join(lines)


def written(results, judged, plots):
    """The whole report. `plots`: the paths of the plots as the text names them."""
    machine = "\n".join(f"| {name} | {text} |" for name, text in results["machine"].items())
    rounds = [len(samples) for samples in results["samples"].values()] or [0]
    about = f"Measured {results['began']}, {min(rounds)} to {max(rounds)} rounds"
    if results["quick"]:
        about += ", quick: sizes and times too small to judge by"
    sizes = ", ".join(f"{name} of {results['sizes'][name]:,} accounts, {events:,} events"
                      for name, events in results["events"].items())
    if results["sizes"]["big"] < ACCOUNTS_ASKED:
        sizes += f". The bars ask for a largest log of {ACCOUNTS_ASKED:,} accounts: this one is smaller"
    missing = "".join(f"\n\n`{name}` failed: {why}" for name, why in results["failed"].items())
    parts = [f"{about}. Logs: {sizes}.{missing}", f"| machine | |\n|---|---|\n{machine}", table(judged),
             micro_table(results["samples"].get("micro")), "\n".join(f"![{path.stem}]({path})" for path in plots)]
    return "\n\n".join(part for part in parts if part)


def put_into(readme, text):
    """Replaces the text between the two marks."""
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
