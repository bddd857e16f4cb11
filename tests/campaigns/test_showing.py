"""What the campaign pages show: charts that stay short, and each wording once."""

from bot.campaigns.chart import make_chart
from bot.campaigns.previewing import CampaignPreview, LanguagePreview
from bot.campaigns.progress import Progress


def groups(*sizes: int) -> list[tuple[str, Progress]]:
    return [(f"Group {index}", Progress(people=size, waiting=size)) for index, size in enumerate(sizes)]


def reads(tag: str, people: int, body: str, *, own: bool = True) -> LanguagePreview:
    return LanguagePreview(tag, people, body, tag if own else "en", own, draft=False, parts=2)


def test_languages_with_few_people_are_folded():
    chart = make_chart("language", "By language", "Language", groups(30, 5, 4, 1), fold_few=True)
    assert [bar.people for bar, _ in chart.shown] == [30, 5]
    assert chart.folded_people == 5


def test_nothing_is_folded_when_only_one_language_is_small_or_all_are():
    for sizes in ((30, 4), (4, 3, 2)):
        assert not make_chart("language", "By language", "Language", groups(*sizes), fold_few=True).folded


def test_batches_are_never_folded():
    assert not make_chart("batch", "By batch", "Batch", groups(100, 3, 1)).folded


def test_each_wording_is_shown_once_with_all_who_read_it_and_english_first():
    preview = CampaignPreview(
        "Hello",
        [reads("pl", 40, "Witaj"), reads("en", 9, "Hello"), reads("cs", 2, "Hello", own=False)],
    )
    assert [(wording.name, wording.people) for wording in preview.wordings] == [("English", 11), ("Polish", 40)]
    assert preview.wordings[0].all_parts == 22


def test_a_wording_that_is_nobodys_own_is_named_after_all_who_read_it():
    preview = CampaignPreview("Hello", [reads("cs", 3, "Hello", own=False), reads("sk", 2, "Hello", own=False)])
    assert [wording.name for wording in preview.wordings] == ["Czech, Slovak"]
