"""Which column of an appointment report is which, as EMIS Web and SystmOne call them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.lists.reading.columns import squash
from bot.patients.cells import clean

_LONGEST_HEADING = 1000  # letters


class ReportField(StrEnum):
    """What a column may hold. `START` has day and time in one cell; so may `DATE`, and `TIME` a day that is none."""

    REF = "Appointment ID"
    NHS_NUMBER = "NHS Number"
    START = "Start"
    DATE = "Date"
    TIME = "Time"
    LENGTH = "Duration"
    END = "End"
    CLINICIAN = "Clinician"
    CLINIC = "Clinic"
    SITE = "Location"
    STATUS = "Status"
    MODE = "Slot Type"


_ALIASES: Mapping[ReportField, str] = {
    ReportField.REF: "appointment number|appointment no|appointment ref|appointment reference|appointment identifier"
    "|appointment guid|unique appointment id|appt id|booking id|booking reference|event id|id",
    ReportField.NHS_NUMBER: "nhs no|nhs num|patient nhs number|patients nhs number|patient nhs no",
    ReportField.START: "appointment start|appointment date/time|appointment date and time|date/time|date and time"
    "|slot start|start date/time|start date and time|appt date/time|appt start|appointment start date/time"
    "|session slot start|starts",
    ReportField.DATE: "appointment date|appt date|date of appointment|session date|start date|appointment start date"
    "|slot date|day",
    ReportField.TIME: "appointment time|appt time|time of appointment|slot time|slot start time|start time"
    "|appointment start time|session slot start time",
    ReportField.LENGTH: "length|appointment length|appointment duration|slot length|slot duration|planned duration"
    "|duration mins|duration minutes|duration in minutes|length mins|length minutes|slot length mins"
    "|slot duration mins|appointment duration mins|appointment length mins|minutes|mins",
    ReportField.END: "appointment end|appointment end time|slot end|slot end time|end time|finish|finish time|ends"
    "|end date/time|appointment end date/time",
    ReportField.CLINICIAN: "session holder|session holder name|session holder full name|session holders full name"
    "|session holder's name|clinician name|appointment clinician|healthcare professional|practitioner|rota clinician"
    "|staff member|staff name|seen by|with|doctor",
    ReportField.CLINIC: "clinic name|clinic type|session|session name|session type|session description|rota|rota name"
    "|rota type",
    ReportField.SITE: "location name|site|site name|appointment location|session location|session location name"
    "|clinic location|appointment site|branch|place",
    ReportField.STATUS: "appointment status|appt status|slot status|current slot status|current status|state"
    "|appointment state|attendance|attendance status|outcome|appointment outcome",
    ReportField.MODE: "slot type name|mode|appointment type|appt type|appointment mode|consultation mode"
    "|consultation type|contact mode|contact type|delivery channel|slot mode|delivery mode",
}
_BY_HEADING: Mapping[str, ReportField] = {
    squash(name): field for field in ReportField for name in (field.value, *_ALIASES[field].split("|"))
}


@dataclass(frozen=True)
class ReportHeader:
    """Where each field stands. One may have several columns."""

    places: Mapping[ReportField, tuple[int, ...]]
    headings: tuple[str, ...]

    def heading(self, field: ReportField) -> str:
        """What the report calls that field."""
        return self.headings[self.places[field][0]] if field in self.places else field.value

    def heading_of_time(self) -> str:
        """What it calls the column in which a time stands."""
        found = next((name for name in (ReportField.START, ReportField.TIME) if name in self.places), ReportField.DATE)
        return self.heading(found)

    def missing(self) -> tuple[str, ...]:
        """Needed columns that are not there."""
        told = {ReportField.START, ReportField.DATE} & self.places.keys()
        who = () if ReportField.NHS_NUMBER in self.places else (ReportField.NHS_NUMBER.value,)
        return who if told else (*who, "Date and Time")


def read_report_header(row: Sequence[str]) -> ReportHeader:
    """Map the headings of a row to fields, in any case and spacing."""
    places: dict[ReportField, list[int]] = {}
    for place, heading in enumerate(row):
        if (field := _BY_HEADING.get(squash(heading))) is not None:
            places.setdefault(field, []).append(place)
    found = {field: tuple(at) for field, at in places.items()}
    return ReportHeader(found, tuple(clean(cell[:_LONGEST_HEADING]) for cell in row))
