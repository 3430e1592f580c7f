"""The plots, as SVG."""

import statistics

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "bench"  # the same data give the same file
import matplotlib.pyplot as plt  # noqa: E402 - the backend is chosen first

METADATA = {"Date": None}


def draw(folder, samples, judged):
    """Draws every plot that has samples; returns the paths."""
    drawn = []
    for name, picture in (("bars", bars), ("commands", commands), ("growth", growth), ("memory", memory)):
        figure, axes = plt.subplots(figsize=(8, 4.5))
        if picture(axes, samples, judged):
            figure.tight_layout()
            drawn.append(folder / f"{name}.svg")
            figure.savefig(drawn[-1], metadata=METADATA)
        plt.close(figure)
    return drawn


def bars(axes, _, judged):
    """Each figure relative to its bar: 1 meets the bar, more is better."""
    rows = [each for each in reversed(judged) if each.row.bar]
    if not rows:
        return False

    def share(each, figure):
        return figure / each.row.bar.asked if each.row.bar.at_least else each.row.bar.asked / max(figure, 1e-9)

    axes.figure.set_size_inches(8, 1 + 0.25 * len(rows))
    shares = [share(each, each.figure) for each in rows]
    ends = [sorted((share(each, each.least), share(each, each.most))) for each in rows]
    spread = [[mid - low for mid, (low, _) in zip(shares, ends)], [high - mid for mid, (_, high) in zip(shares, ends)]]
    axes.barh([each.row.name for each in rows], shares, xerr=spread,
              color=["tab:green" if each.verdict == "met" else "tab:red" for each in rows])
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("share of what is asked (1: just met)")
    return True


def commands(axes, samples, _):
    """Durable commands a second: ours, the peers', the bare server's."""
    rounds = samples.get("commands")
    if not rounds:
        return False
    names = [name for name in rounds[0] if name.startswith(("message_db_", "emmett_", "commands_", "bare_"))]
    rates = [[sample[name] for sample in rounds] for name in names]
    middles = [statistics.median(each) for each in rates]
    axes.bar([name.replace("_", " ") for name in names], middles,
             yerr=[[mid - min(each) for mid, each in zip(middles, rates)],
                   [max(each) - mid for mid, each in zip(middles, rates)]])
    axes.set_yscale("log")
    axes.set_ylabel("commands a second")
    axes.tick_params(axis="x", rotation=45)
    return True


def growth(axes, samples, _):
    """Rates as the number of accounts grows, beside those of the smallest."""
    rounds = samples.get("growth")
    if not rounds:
        return False
    for kind in ("commands", "queries"):
        axes.plot(["1 k", "100 k", "1 M"], [statistics.median(sample[f"{kind}_{size}"] / sample[f"{kind}_small"]
                                                              for sample in rounds)
                                           for size in ("small", "middle", "big")], marker="o", label=kind)
    axes.axhline(0.85, color="black", linewidth=1, linestyle="dashed")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("accounts")
    axes.set_ylabel("rate beside that of 1 k")
    axes.legend()
    return True


def memory(axes, samples, _):
    """Resident memory over the time of the load."""
    rounds = samples.get("memory")
    if not rounds:
        return False
    for sample in rounds:
        axes.plot(*zip(*sample["over_time"]))
    axes.axhline(512, color="black", linewidth=1, linestyle="dashed")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds")
    axes.set_ylabel("MiB")
    return True
