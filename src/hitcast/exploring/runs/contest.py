"""Who won: families against each other in a training, champion against challenger."""

import pandas as pd

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.runs.trainings import GENERATED
from hitcast.exploring.words import counted, figure, signed
from hitcast.models.registry import PRODUCTION, STAGING


def champion_and_challenger(trainings: pd.DataFrame) -> pd.DataFrame:
    """The version in production, and the one to compare it with, where there are two.

    The challenger is `staging`; else the newest other version.

    Returns:
        The rows of `trainings` with an added `role`: champion first.
    """
    registered = trainings[trainings["version"].notna()]
    aliases = registered["aliases"].str.split(", ")
    champion = registered[[PRODUCTION in names for names in aliases]][:1]
    others = registered.drop(index=champion.index)
    staging = others[[STAGING in names for names in aliases.drop(index=champion.index)]]
    challenger = (others if staging.empty else staging)[:1]
    roles = ["champion"] * len(champion) + ["challenger"] * len(challenger)
    return pd.concat([champion, challenger]).assign(role=roles).reset_index(drop=True)


def same_test_rows(pair: pd.DataFrame) -> bool:
    """Whether two trainings measured on the same rows: test rows depend on key and table alone."""
    return len(pair[["rows", "table_version"]].drop_duplicates()) == 1


def trainings_in_words(
    trainings: pd.DataFrame, trials: pd.DataFrame, use_case: UseCase
) -> list[str]:
    """How many trainings there are, how they ended and on what rows they were."""
    done = trainings[trainings["status"] == "FINISHED"]
    unfinished = len(trainings) - len(done)
    generated = int((done["rows"] == GENERATED).sum())
    told = [
        f"{counted(len(done), 'finished training')} of {use_case.name} with "
        f"{counted(len(trials), 'trial')}"
        + (f"; {unfinished} more failed, were stopped or still run." if unfinished else "."),
    ]
    if generated:
        some = f"{generated} of them {'was' if generated == 1 else 'were'}"
        whose = "All were" if generated == len(done) else some
        told.append(
            f"{whose} on generated rows: their figures say how well imitated rows can be told "
            "apart, not how well real ones can."
        )
    return told


def families_in_words(best: pd.DataFrame, use_case: UseCase) -> list[str]:
    """Which family won the newest training, and whether by more than the folds differ anyway."""
    metric, first = use_case.training.metric, best.iloc[0]
    told = (
        f"Trained on {first['rows']} rows (gold version {first['table_version']}), "
        f"{first['family']} has the best {metric} over the folds: {figure(first['cv'])} ± "
        f"{figure(first['cv_sd'])} (mean ± standard deviation)."
    )
    if len(best) == 1:
        return [told, "It was the only family in that training."]
    second = best.iloc[1]
    lead, spread = first["cv"] - second["cv"], max(first["cv_sd"], second["cv_sd"])
    verdict = "more than" if lead > spread else "no more than"
    return [
        told,
        f"It leads {second['family']} by {figure(lead)}, which is {verdict} the folds differ among "
        f"themselves ({figure(spread)}).",
    ]


def pair_in_words(pair: pd.DataFrame, use_case: UseCase) -> list[str]:
    """How the challenger did against the champion, and whether their figures can be compared."""
    name = f"test_{use_case.training.metric}"
    pair = pair if name in pair else pair.assign(**{name: float("nan")})
    told = [
        f"Version {line['version']} ({line['aliases'] or 'no alias'}): {line['family']}, trained "
        f"on {line['rows']} rows, {use_case.training.metric} {figure(line[name])} on its test rows."
        + (f" What was decided: {line['reason']}." if line["reason"] else "")
        for _, line in pair.iterrows()
    ]
    if len(pair) < 2:
        return [*told, "There is no second version to compare it with."]
    if same_test_rows(pair):
        difference = pair[name].iloc[1] - pair[name].iloc[0]
        told.append(
            f"Both saw the same test rows: the {pair['role'].iloc[1]} has {signed(difference)}."
        )
    else:
        told.append(
            "The two were measured on different tables, so the figures beside each other are no "
            "verdict; the reason on the version is, for there both score the same rows."
        )
    return told
