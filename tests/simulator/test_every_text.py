"""Every text of every language goes to a phone and comes back from it byte for byte, and is counted alike."""

import pytest
from twilio.rest import Client

from bot.texts.catalogue import catalogue
from bot.texts.check import ALL_LANGUAGES
from bot.texts.parts import count_parts
from bot.texts.wording import with_examples, wording_for
from tests.simulator.conftest import NUMBER, PATIENT, Phones, Service, wait_until


def bodies_in(tag: str) -> list[str]:
    """The texts a language has, with their example values."""
    wordings = ((text, wording_for(text.key, tag)) for text in catalogue().values())
    return [with_examples(text, tag, wording.body) for text, wording in wordings if wording]


@pytest.mark.parametrize("tag", ALL_LANGUAGES)
def test_every_text_reaches_a_phone_and_comes_back_byte_for_byte(
    twilio: Client, phones: Phones, service: Service, tag: str
) -> None:
    sent = bodies_in(tag)
    assert sent
    for body in sent:
        made = twilio.messages.create(to=PATIENT, from_=NUMBER, body=body)
        assert (made.body, made.num_segments) == (body, str(count_parts(body).parts))
    assert [line["body"] for line in phones.ledger()] == sent
    for body in sent:
        phones.text(body)
    wait_until(lambda: len(service.received) >= len(sent), seconds=20)
    assert sorted(hook.fields["Body"] for hook in service.received if "Body" in hook.fields) == sorted(sent)
