"""SNOMED CT concepts that say whether a person has a cervix, and that they declined the test.

Which concepts there are: the hysterectomies that Greater Manchester's Secure Data Environment collected for England
(UoM-Data-Science-Platforms/gm-sde, clinical code set `hysterectomy` 1), those of the British Heart Foundation Data
Science Centre's pregnancy work, with concepts that are inactive today and stand in old records, and the value sets
"Hysterectomy with No Residual Cervix" and "Congenital or Acquired Absence of Cervix" of the US quality measure of
cervical screening (2.16.840.1.113883.3.464.1003.198.12.1014 and .111.12.1016). Which of them leave the cervix is read
from their names. A hysterectomy coded by none of these is not known here: then the practice's list has to say "ceased".
"""


def _codes(written: str) -> frozenset[str]:
    return frozenset(written.split())


NO_CERVIX = _codes(
    """
    37687000 248911005 723171001
    116140006 116142003 116143008 116144002 236888001 236891001 307771009 309879006 309880009 35955002 361222003
    361223008 414575003 446446002 446679008 59750000 31545000 27950001 708877008 708878003 739671004 739672006
    739673001 739674007 740514001 740515000 767610009 767611008 767612001 86477000 88144003 303709006
    918491000000105 918511000000102
    265056007 112918004 1303414001 1304071003 27185000 30160001 359971002 359974005 359977003 359980002 359983000
    413145007 43791001 441820006 448539002 54490004 608805000 608806004 608807008 63516002 699789005 708985003
    75835007 762625001 77902002 918451000000102 918471000000106 265057003 303711002 176803004
    24293001 287924009 41566006
    10738891000119107 428078001 429290001 429763009 473171009
    """
)
"""The cervix was never there or was taken out: absent, a total, radical or vaginal hysterectomy, a stump removed since,
and what is on record as the history of one. Subtotal ones by the vagina have a concept of their own."""

PERHAPS_NO_CERVIX = _codes(
    """
    236886002 116141005 236887006 236890000 784191009 387643005 359968005 54261007 447237002 447771005 302190000
    302191001 13254001 413144006 737099004 1076221000000107 41059002 236987005 236988000 288042004 288043009 24068006
    860602007 11050006 176792009 176800001 176801002 176808008 265058008 274971000 287922008
    161800001 473173007 268544001 278063007
    387626007 46226009 28301000 82418001 176697007 440383008 1163275000 1287897002
    """
)
"""A hysterectomy or an amputation of the cervix whose name does not say whether a cervix is left: whoever has one
is not invited until somebody has looked."""

SUBTOTAL_HYSTERECTOMY = _codes(
    """
    176795006 431316002 236889009 387644004 387645003 739669004 739670003 29529008 17744000 1187630003
    918381000000103 918411000000101 918431000000109
    """
)
"""The womb was taken out and the cervix left: these people are to be screened, and none of these concepts is asked."""

DECLINED = "736595007"
"""Cervical screening declined. A list has no day for it."""
