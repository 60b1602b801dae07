"""How good the extracts were: bad lines by extract and rule, and what gates said of each."""

import pandas as pd
from matplotlib.figure import Figure
from pyspark.sql import Column, Window
from pyspark.sql import functions as F

from hitcast.exploring.look import COLOURS, GREY, as_percent, legend_below, new_figure, plain
from hitcast.exploring.words import count, counted, percent
from hitcast.tables.delta import Table

KEYS = (
    "number", "extraction_date", "origin", "source_file", "rule_set", "verdict", "lines",
    "quarantined",
)  # fmt: skip
MOST = 5
"""How many rules a picture tells apart."""


def tell_quality(quality: Table) -> pd.DataFrame:
    """What was said last of each extract by each set of rules.

    Returns:
        One row an extract, rule set and rule that any line broke (one row with an empty rule where
        none was), by extraction date: `number`, `extraction_date`, `origin` (which of several
        sources), `source_file`, `rule_set`, `verdict`, `lines`, `quarantined`, `rule`,
        `bad_lines`, `share` (of lines in quarantine), `bad_share` (of lines that break the rule).
    """
    names = [*KEYS, "rule", "bad_lines"]
    if not quality.exists():
        return pd.DataFrame(columns=[*names, "share", "bad_share"])
    of = Window.partitionBy("number", "rule_set_fingerprint")
    rows = quality.read().withColumn("newest", F.max("judgement").over(of))
    last = rows.where("judgement = newest").withColumn("any", F.max("bad_lines").over(of) > 0)
    first = F.row_number().over(of.orderBy("rule")) == 1
    shown = last.withColumn("first", first).where("bad_lines > 0 OR (NOT any AND first)")
    rule = F.when(F.col("bad_lines") > 0, F.col("rule")).otherwise("").alias("rule")
    found = (
        shown.withColumnRenamed("rule_set_fingerprint", "rule_set")
        .withColumn("origin", _origin(quality))
        .select(*KEYS, rule, "bad_lines", "judgement")
        .orderBy("extraction_date", "number", "judgement", F.desc("bad_lines"), "rule")
        .drop("judgement")
        .toPandas()
    )
    lines = found["lines"].clip(lower=1)
    return found.assign(share=found["quarantined"] / lines, bad_share=found["bad_lines"] / lines)


def quality_in_words(told: pd.DataFrame) -> list[str]:
    """What the last extract was like, against the one before it, and which were refused."""
    extracts = told.drop_duplicates(["number", "rule_set"])
    if extracts.empty:
        return ["No extract was judged yet: the next ingest begins a table of quality."]
    last, sources = extracts.iloc[-1], extracts["origin"].nunique()
    of = f" of {counted(sources, 'source')}" if sources > 1 else ""
    words = [
        f"{counted(extracts['number'].nunique(), 'extract')}{of} judged. Of the last one's "
        f"({_place(last)}) {count(last['lines'])} lines {percent(last['share'])} are "
        f"bad{_against(extracts)}; gates said: {last['verdict']}."
    ]
    broken = told[(told["number"] == last["number"]) & (told["rule_set"] == last["rule_set"])]
    if last["quarantined"]:
        most = broken.iloc[0]
        words.append(f"Broken most: {most['rule']}, by {count(most['bad_lines'])} of them.")
    verdicts = extracts.drop_duplicates("number", keep="last")
    refused = verdicts[verdicts["verdict"] == "refused"]
    if len(refused):
        names = ", ".join(f"{r['source_file']} of {_place(r)}" for _, r in refused.iterrows())
        words.append(f"Refused, and not in gold: {names}.")
    return words


def draw_quality(told: pd.DataFrame, note: str) -> Figure:
    """The share of bad lines over the extracts, as all rules saw it and by the rules broken most.

    Args:
        told: What `tell_quality` told; two judgements or more.
        note: What the rows are.
    """
    extracts = told.drop_duplicates(["number", "rule_set"]).reset_index(drop=True)
    keys = zip(extracts["number"], extracts["rule_set"], strict=True)
    places = {key: place for place, key in enumerate(keys)}
    first, last = extracts["share"].iloc[0], extracts["share"].iloc[-1]
    title = f"Bad lines: {percent(first)} of the first extract, {percent(last)} of the last"
    figure = new_figure(3.8, note, title)
    axes = plain(figure.subplots())
    axes.bar(extracts.index, extracts["share"], 0.6, color=GREY, alpha=0.5, label="bad lines")
    broken = told[told["rule"] != ""]
    order = broken.groupby("rule")["bad_lines"].sum().sort_values(ascending=False, kind="stable")
    for rule, colour in zip(order.index[:MOST], COLOURS, strict=False):
        rows = broken[broken["rule"] == rule].set_index(["number", "rule_set"])["bad_share"]
        shares = [float(rows.get(place, 0.0)) for place in places]
        axes.plot(list(places.values()), shares, "o-", color=colour, markersize=4, label=rule)
    step = -(-len(extracts) // 12)
    shown = extracts.iloc[::step]
    names = [
        "\n".join(filter(None, (f"{r.extraction_date:%d %b %y}", str(r.origin), str(r.verdict))))
        for r in shown.itertuples()
    ]
    axes.set_xticks(list(shown.index), names, fontsize=7)
    axes.set_ylabel("share of an extract's lines", fontsize=9)
    axes.set_ylim(bottom=0)
    as_percent(axes.yaxis)
    legend_below(figure, axes)
    return figure


def _origin(quality: Table) -> Column:
    """Which source an extract is of; empty where there was but one, or nobody noted it."""
    if "origin" not in quality.columns():
        return F.lit("")
    return F.coalesce("origin", F.lit(""))


def _place(extract: pd.Series) -> str:
    """The day of an extract, and its source where there are several."""
    return ", ".join(filter(None, (str(extract["extraction_date"]), str(extract["origin"]))))


def _against(extracts: pd.DataFrame) -> str:
    """What the last extract is compared with: the one before it of the same source."""
    same = extracts[extracts["origin"] == extracts["origin"].iloc[-1]]
    if len(same) < 2:
        return ""
    before = same.iloc[-2]
    rules = "" if before["rule_set"] == same["rule_set"].iloc[-1] else ", by other rules"
    return f" (before: {percent(before['share'])} of {before['extraction_date']}{rules})"
