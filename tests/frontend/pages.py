"""What a page shows, as tests ask for it."""

from streamlit.testing.v1 import AppTest


def words(page: AppTest) -> str:
    """All texts on a page: markdown, captions, alerts, metrics."""
    kinds = (page.markdown, page.caption, page.error, page.warning, page.info, page.success)
    found = [str(element.value) for kind in kinds for element in kind]
    return "\n".join([*found, *(f"{metric.label}: {metric.value}" for metric in page.metric)])


def charts(page: AppTest) -> list[str]:
    """The text alternatives of the charts on a page, in order; empty where there is none."""
    return [chart.proto.alt for chart in page.get("vega_lite_chart")]
