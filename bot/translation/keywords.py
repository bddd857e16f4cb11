"""Words that must not get lost between two languages, and must not come in: only, before, Monday, chest, if ...

A row is what is meant, then its words by language. A word with "?" before it is as good as the others when the
other side speaks of the thing, and asks for nothing itself; "*" stands for any letters. Words are compared in their
plain form, so accents and ways to write one letter do not matter; one with "=" as it is written, where the plain form
of Urdu makes one word of two (daughter and sons).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bot.translation.numerals import numerals_in
from bot.understanding.normalise import as_written, normalise

ENGLISH_AND_URDU = """
only | only ?just ?alone ?nothing_but | صرف فقط محض
before | before ?until ?by ?earlier ?prior ?early ?ahead ?first ?previous ?already ?end | پہلے قبل ?تک
after | after afterwards ?later ?in ?past ?then ?since ?within ?following ?every | بعد ?پھر ?میں
stop | stop stopping stopped ?opt ?end ?quit ?off ?avoid ?unsubscribe | روک* چھوڑ* رک_جا* بند_کر* بند_کیج* بند_کی ?بند
closed | closed ?shut ?close | بند_ہے بند_ہیں بند_رہ* بند_ہو* ?بند
open | open opens opening | کھل* ?اوپن
emergency | emergency emergencies ?urgent ?a_e | ایمرجنسی ہنگامی ?فوری
at once | urgent urgently immediately straight_away right_away at_once ?emergency ?now ?soon | فوری فورا ?ہنگامی ?جلد ?ابھی
if | if ?unless ?whether ?when ?in_case ?should | اگر ?تو ?صورت ?ایمرجنسی ?ہنگامی
or | or ?either ?otherwise ?nor | یا ?ورنہ
cancel | cancel* ?call_off | منسوخ کینسل*
change | change* changing ?another ?different ?move* ?other ?rebook* ?new | تبدیل* بدل*
confirm | confirm* | تصدیق*
book | book booked booking ?appointment* ?make | بک بکنگ ?اپائنٹمنٹ* ?بنو*
appointment | appointment* ?booking ?visit ?slot ?time | اپائنٹمنٹ* اپوائنٹمنٹ* اپاینٹمنٹ* ملاقات* ?معائنہ ?وقت
medicine | medicine* medication* ?drug* ?tablet* ?pill* ?prescription* ?inhaler* | دوا دوائ* دواؤں ادویات ?گولی* ?نسخہ ?نسخے
tablet | tablet* pill pills ?medicine* | گولی گولیاں گولیوں ?دوا ?دوائ*
prescription | prescription* | نسخہ نسخے
inhaler | inhaler* | انہیلر*
insulin | insulin | انسولین
test | test tests testing tested ?check* ?swab ?examination ?screen* | ٹیسٹ* ?معائنہ ?جانچ
check | check checks check-up checkup ?test* ?screening ?review ?examination | معائنہ معائنے چیک* ?ٹیسٹ* ?جانچ ?تسلی ?یقین* ?دیکھ*
result | result results | نتائج نتیجہ نتیجے رزلٹ*
normal | normal ?fine ?clear ?ok ?usual ?abnormal | نارمل ?ٹھیک ?معمول*
blood | blood bleed* | خون
vaccine | vaccin* ?jab* ?injection* ?immunis* ?dose* | ویکسین* ٹیکہ ٹیکے ٹیکا
flu | flu influenza | فلو انفلوئنزا
covid | covid* corona* | کووڈ* کوویڈ* کرونا* کورونا*
diabetes | diabet* ?sugar | ذیابیطس* شوگر
asthma | asthma* | دمہ دمے
cancer | cancer | سرطان کینسر
fever | fever* feverish ?temperature ?hot | بخار
cough | cough* | کھانسی* ?کھانس*
pain | pain* ache* hurt* sore headache* stomachache toothache backache ?discomfort | درد دکھ* ?تکلیف
chest | chest ?heart | سینے سینہ چھاتی
heart | heart* ?chest | دل ?سینے
breathing | breath* breathless* ?inhale | سانس*
dizzy | dizz* ?faint* ?light-headed ?lightheaded | چکر*
vomiting | vomit* ?sick ?nausea* | الٹی* قے ?متلی
pregnant | pregnan* ?expecting | حاملہ حمل*
allergy | allerg* | الرجی* الرجک
rash | rash itch* | خارش* ?دانے
swelling | swell* swollen | سوج* سوجن
head | head headache* | سر
stomach | stomach* belly tummy abdom* | پیٹ معدہ معدے
throat | throat* | گلے گلا حلق
tooth | tooth* teeth dental dentist* | دانت* ڈینٹسٹ
eye | eye eyes | آنکھ*
ear | ear ears | کان کانوں
leg | leg legs | ٹانگ*
arm | arm arms | بازو*
back | backache ?back | کمر
left side | left_arm left_leg left_eye left_ear left_side left_hand left_foot left_knee ?left | بائیں بایاں
right side | right_arm right_leg right_eye right_ear right_side right_hand right_foot right_knee ?right | دائیں دایاں
urine | urine pee wee | پیشاب
sample | sample* | نمونہ نمونے سیمپل*
ill | ill sick unwell ?poorly ?illness* | بیمار* ?طبیعت
worse | worse worsen* ?bad ?deteriorat* | بدتر بگڑ* ?بڑھ* ?خراب ?برا ?زیادہ
better | better ?improv* ?recover* | بہتر ?ٹھیک ?افاقہ
death | die dies dying dead death kill suicid* | مرنا مرنے موت خودکشی ?مر
child | child* kid kids baby babies son sons daughter* ?boy ?girl | بچہ بچے بچوں بچی بیٹا بیٹے بیٹی بیٹیاں
daughter | daughter* ?girl* ?child* ?she | =بیٹی =بیٹیاں =بیٹیوں ?=بچی ?=بچیاں ?بچوں
son | son sons ?boy* ?child* ?he | =بیٹا =بیٹے =بیٹوں ?=بچہ ?=بچے ?بچوں
mother | mother* mum mom mummy ?parent* | ماں والدہ امی
father | father* dad daddy ?parent* | باپ والد ابو
wife or husband | wife husband ?spouse ?partner | شوہر خاوند بیوی اہلیہ
doctor | doctor* dr ?gp | ڈاکٹر*
nurse | nurse nurses | نرس*
surgery | surgery clinic* practice ?centre ?gp ?hospital | سرجری کلینک* پریکٹس ?مرکز ?ہسپتال
hospital | hospital* ?a_e | ہسپتال* اسپتال*
pharmacy | pharmac* chemist* | فارمیسی* فارماسسٹ* ?میڈیکل_سٹور
ambulance | ambulance* | ایمبولینس*
interpreter | interpret* translator* | مترجم* ترجمان*
English | english | انگریزی انگلش
Urdu | urdu | اردو
eating | eat eats eating ate eaten food meal* ?breakfast ?fast* ?empty | کھانا کھانے کھائیں کھائی کھائے کھا کھاتا کھاتی کھایا ?خوراک ?ناشتہ ?خالی
drinking | drink* water ?fluid* | پینا پینے ?پانی پیئیں پئیں پیتا پیتی مشروب* ?پی ?پیا ?شراب
alcohol | alcohol* ?drink* ?wine ?beer | شراب الکحل
smoking | smok* cigarette* | سگریٹ* تمباکو* ?نوشی
driving | drive driving drove ?car | گاڑی ڈرائیو*
sleep | sleep* ?bed ?bedtime | نیند سونے سونا سوتا سوتی
phone | call calls called calling phone* phoning ring telephone* ?contact ?speak ?number* | کال کالز فون* ?رابطہ ?نمبر* ?بات
reply | reply replying answer* respond* ?text ?write ?send | جواب* ?لکھ*
message | message* text texts sms ?contact* ?opt | پیغام* میسج*
send | send sends sending sent ?give ?text ?reply ?answer ?get | بھیج* ?ارسال ?دے* ?دی*
coming | come comes coming came arrive* ?attend* ?be ?get ?make ?visit* ?see ?go ?bring ?here ?understand* | آئیں آنا آنے آؤں آؤنگا آیا آئی آئے آتا آتی پہنچ* تشریف ?آ ?لا* ?حاضر ?شرکت ?جا*
bring | bring* ?take ?with ?carry | لائیں لانا لائے لے_کر ?ساتھ ?لے
mask | mask* | ماسک*
wash | wash* | دھو* دهو*
hand | hand hands | ہاتھ* ہاته*
home | home house ?address ?stay | گھر*
address | address* ?postcode | پتہ پتے ایڈریس ?گھر
name | name names ?called ?list | نام
number | number* ?phone | نمبر*
letter | letter letters | خط خطوط
form | form forms | فارم*
free | free | مفت ?بلا_معاوضہ ?فارغ
ready | ready | تیار
wrong | wrong incorrect mistake* | غلط*
late | late delay* ?later | دیر تاخیر لیٹ
sorry | sorry apolog* ?regret* | معذرت معاف* افسوس
help | help helps helping ?support* ?assist* ?aid ?advice | مدد* ?معاون*
needing | need needs needed want wants wanted ?must ?should ?require* ?would_like ?necessary ?have_to ?like ?due ?for | چاہیے چاہئے ضرورت چاہت* ?درکار ?ضروری
thanks | thank thanks ?grateful | شکریہ ?مہربانی
ability | can could able cannot cant couldnt unable ?may ?possible ?manage | سکتا سکتی سکتے سکوں سکیں ?سکا ?سکی ?سکے ?ممکن ?پا ?پاؤں
understanding | understand* understood | سمجھ*
where | where | کہاں ?جگہ
when | what_time when_is when_will when_can when_are when_do when_does ?when ?time | کب ?کس_وقت
how many | how_many how_much how_often | کتن*
more | more_than over_the exceed* ?more ?over ?extra ?additional ?another ?longer | سے_زیادہ زائد ?زیادہ ?مزید ?اور
less | less_than fewer under ?below ?least ?little | سے_کم ?کم
very | very severe* extremely ?really ?so ?lot ?much ?too ?bad ?badly ?thanks | بہت شدید ?دلی ?زیادہ ?کافی ?سخت
taking | take takes taking took taken | ?لیں ?لیتا ?لیتی ?لینا ?لینے ?لیا ?لی ?لے ?کھا* ?استعمال ?پی*
once | once one_time ?1 ?one | ایک_بار ایک_دفعہ ایک_مرتبہ ?1 ?ایک
twice | twice two_times ?2 ?two ?second | دو_بار دو_دفعہ دو_مرتبہ ?2 ?دو ?دوبارہ
week | week* fortnight* ?saturday | ہفتوں ہفتے ?ہفتہ
hour | hour* | گھنٹ*
minute | minute* mins ?min ?moment | منٹ*
month | month* | مہین* ماہ ماہانہ
year | year years yearly annual* | سال سالوں سالانہ
day | day days daily ?today ?*day ?week* ?date | دن دنوں روزانہ روز ?یوم ?آج ?تاریخ
morning | morning* ?am ?tomorrow ?breakfast | صبح ?ناشتہ
afternoon | afternoon* noon midday ?pm ?lunch* | دوپہر ?سہ_پہر ?ظہر
evening | evening* ?pm ?night ?tonight | شام ?رات
night | night* tonight bedtime ?pm ?evening | رات* ?شام
today | today ?tonight ?this | آج
tomorrow | tomorrow | ?کل ?آئندہ
yesterday | yesterday | ?کل ?گزشتہ
tomorrow or yesterday | ?tomorrow ?yesterday ?total ?all | کل
I | i my me mine myself ?we ?us ?our ?am | مجھے میرا میری میرے ?مجھ ?میں ?ہم ?اپن*
you | you your yours | آپ تم تمہ* ?اپن*
Monday | monday ?mon | پیر ?سوموار
Tuesday | tuesday ?tue ?tues | منگل
Wednesday | wednesday ?wed | بدھ
Thursday | thursday ?thu ?thurs | جمعرات
Friday | friday ?fri | جمعہ جمعے
Saturday | saturday ?sat | سنیچر ?ہفتہ ?ہفتے
Sunday | sunday ?sun | اتوار
January | january ?jan | جنوری
February | february ?feb | فروری
March | ?march ?mar | مارچ
April | april ?apr | اپریل
May | ?may | مئی
June | june ?jun | جون
July | july ?jul | جولائی
August | august ?aug | اگست
September | september ?sep ?sept | ستمبر
October | october ?oct | اکتوبر
November | november ?nov | نومبر
December | december ?dec | دسمبر
"""

_OTHERS = {
    "pl": (
        "only: tylko jedynie wyłącznie; before: przed zanim wcześniej ?do; after: po potem później ?za; "
        "stop: ?przesta* ?zaprzesta* ?odstaw* ?wstrzym* ?zatrzym* ?rezygn* ?koniec ?stop; "
        "emergency: ?nagł* ?ratunk* ?pilny* ?pogotow*; today: dziś dzisiaj dzisiejsz*; tomorrow: jutro jutrzejsz*; "
        "Monday: poniedział*; Tuesday: wtor*; Wednesday: środ*; Thursday: czwart*; Friday: piąt*; Saturday: sobot*; "
        "Sunday: niedziel*"
    ),
    "ro": (
        "only: doar numai; before: înainte ?până; after: după ?peste; stop: ?opri* ?înceta* ?întrerup* ?stop; "
        "emergency: ?urgen*; today: azi astăzi; tomorrow: mâine; Monday: luni* ; Tuesday: marți*; "
        "Wednesday: miercuri*; Thursday: joi joia; Friday: vineri*; Saturday: sâmbăt*; Sunday: duminic*"
    ),
    "ru": (
        "only: только лишь исключительно; before: ?до перед прежде раньше; after: после потом ?через; "
        "stop: ?прекра* ?переста* ?останов* ?стоп ?откаж* ?отказ*; emergency: ?экстренн* ?неотложн* ?скор* ?срочн*; "
        "today: сегодня*; tomorrow: завтра*; Monday: понедельник*; Tuesday: вторник*; "
        "Wednesday: среда среду среды среде; Thursday: четверг*; Friday: пятниц*; Saturday: суббот*; "
        "Sunday: воскресень*"
    ),
    "uk": (
        "only: тільки лише виключно; before: ?до перед раніше ?перш; after: після потім ?через; "
        "stop: ?припин* ?переста* ?зупин* ?стоп ?відмов*; emergency: ?екстрен* ?невідкладн* ?швидк* ?термінов*; "
        "today: сьогодні*; tomorrow: завтра*; Monday: понеділ*; Tuesday: вівтор*; Wednesday: середа середу середи; "
        "Thursday: четвер*; Friday: пʼятниц*; Saturday: субот*; Sunday: неділ*"
    ),
    "tr": (
        "only: sadece yalnızca yalnız ?ancak ?tek; before: önce ?kadar; after: sonra ?içinde; "
        "stop: ?bırak* ?durdur* ?kes* ?son ?dur; emergency: ?acil*; today: bugün*; tomorrow: yarın*; "
        "Monday: pazartesi*; Tuesday: salı*; Wednesday: çarşamba*; Thursday: perşembe*; Friday: cuma cumaya; "
        "Saturday: cumartesi*; Sunday: pazar pazara"
    ),
    "pt": (
        "only: só somente apenas unicamente; before: antes ?até; after: depois após ?dentro; "
        "stop: ?par* ?interromp* ?suspend* ?deix* ?cancel*; emergency: ?emergência* ?urgen*; today: hoje; "
        "tomorrow: amanhã; Monday: segunda*; Tuesday: terça*; Wednesday: quarta*; Thursday: quinta*; "
        "Friday: sexta*; Saturday: sábado*; Sunday: domingo*"
    ),
    "ar": (
        "only: فقط سوى إلا ?مجرد; before: قبل ?قبله ?حتى; after: ?بعد ?بعده ?خلال; "
        "stop: ?*وقف* ?*قطع* ?إيقاف; emergency: ?*طوارئ* ?*طارئ* ?*إسعاف*; today: ?*اليوم; tomorrow: غدا ?الغد; "
        "Monday: *الاثنين; Tuesday: *الثلاثاء; Wednesday: *الأربعاء; Thursday: *الخميس; Friday: *الجمعة; "
        "Saturday: *السبت; Sunday: *الأحد"
    ),
    "fa": (
        "only: فقط تنها صرفا; before: قبل پیش ?تا; after: بعد پس ?ظرف; stop: ?قطع ?متوقف ?توقف ?بس ?کنار; "
        "emergency: ?اورژانس* ?اضطرار* ?فوری*; today: امروز; tomorrow: فردا; Monday: دوشنبه; "
        "Tuesday: سه‌شنبه سه_شنبه; Wednesday: چهارشنبه چهار_شنبه; Thursday: پنجشنبه پنج_شنبه; Friday: جمعه; "
        "Saturday: شنبه; Sunday: یکشنبه یک_شنبه"
    ),
    "bn": (
        "only: শুধু শুধুমাত্র কেবল মাত্র; before: আগে পূর্বে ?মধ্যে; after: পরে পর ?মধ্যে; stop: ?বন্ধ ?থাম*; "
        "emergency: ?জরুরি* ?জরুরী* ?ইমার্জেন্সি*; today: আজ* ; tomorrow: আগামীকাল* কাল কালকে; Monday: সোমবার*; Tuesday: মঙ্গলবার*; "
        "Wednesday: বুধবার*; Thursday: বৃহস্পতিবার*; Friday: শুক্রবার*; Saturday: শনিবার*; Sunday: রবিবার* রোববার*"
    ),
    "pa-Guru": (
        "only: ਸਿਰਫ਼ ਸਿਰਫ ਕੇਵਲ ਬੱਸ; before: ਪਹਿਲਾਂ ?ਪਹਿਲੋਂ ?ਤੱਕ; after: ਬਾਅਦ ਪਿੱਛੋਂ; stop: ?ਬੰਦ ?ਰੋਕ*; "
        "today: ਅੱਜ; tomorrow: ਕੱਲ੍ਹ ਕੱਲ ਭਲਕੇ; Monday: ਸੋਮਵਾਰ*; Tuesday: ਮੰਗਲਵਾਰ*; Wednesday: ਬੁੱਧਵਾਰ* ਬੁਧਵਾਰ*; "
        "Thursday: ਵੀਰਵਾਰ*; Friday: ਸ਼ੁੱਕਰਵਾਰ* ਸ਼ੁਕਰਵਾਰ*; Saturday: ਸ਼ਨੀਵਾਰ* ਸ਼ਨਿੱਚਰਵਾਰ*; Sunday: ਐਤਵਾਰ*"
    ),
    "es": (
        "only: solo sólo solamente únicamente ?apenas; before: antes ?hasta; after: después ?tras ?dentro; "
        "today: hoy; tomorrow: mañana; Monday: lunes; Tuesday: martes; Wednesday: miércoles; Thursday: jueves; "
        "Friday: viernes; Saturday: sábado*; Sunday: domingo*"
    ),
    "fr": (
        "only: seulement uniquement seul* ?que ?qu*; before: avant ?jusqu*; after: après ensuite ?dans; "
        "today: aujourd*hui; tomorrow: demain; Monday: lundi*; Tuesday: mardi*; Wednesday: mercredi*; "
        "Thursday: jeudi*; Friday: vendredi*; Saturday: samedi*; Sunday: dimanche*"
    ),
    "it": (
        "only: solo soltanto solamente unicamente; before: prima ?entro ?fino; after: dopo ?tra ?fra; today: oggi; "
        "tomorrow: domani; Monday: lunedì; Tuesday: martedì; Wednesday: mercoledì; Thursday: giovedì; "
        "Friday: venerdì; Saturday: sabato; Sunday: domenica"
    ),
    "hi": (
        "only: सिर्फ सिर्फ़ केवल मात्र; before: पहले पूर्व ?तक; after: बाद ?में; today: आज; tomorrow: कल; "
        "Monday: सोमवार*; Tuesday: मंगलवार*; Wednesday: बुधवार*; Thursday: गुरुवार* बृहस्पतिवार*; "
        "Friday: शुक्रवार*; Saturday: शनिवार*; Sunday: रविवार*"
    ),
    "zh-Hans": "only: 只 仅; before: 前 先; after: 后; today: 今_天 今_日; tomorrow: 明_天 明_日",
    "zh-Hant": "only: 只 僅; before: 前 先; after: 後; today: 今_天 今_日; tomorrow: 明_天 明_日",
    "hu": (
        "only: csak csakis kizárólag; before: előtt előtti előbb ?ig ?mielőtt; after: után utáni ?múlva; today: ma mai; "
        "tomorrow: holnap*; Monday: hétfő*; Tuesday: kedd*; Wednesday: szerd*; Thursday: csütörtök*; "
        "Friday: péntek*; Saturday: szombat*; Sunday: vasárnap*"
    ),
    "bg": (
        "only: само единствено; before: преди ?до; after: след ?после; today: днес; tomorrow: утре; "
        "Monday: понеделник*; Tuesday: вторник*; Wednesday: сряда; Thursday: четвъртък*; Friday: петък*; "
        "Saturday: събота*; Sunday: неделя*"
    ),
    "tl": (
        "only: lamang lang tanging; before: bago; after: pagkatapos matapos ?makalipas; today: ngayon*; "
        "tomorrow: bukas; Monday: lunes; Tuesday: martes; Wednesday: miyerkules miyerkoles; Thursday: huwebes; "
        "Friday: biyernes; Saturday: sabado; Sunday: linggo"
    ),
    "so": (
        "only: kaliya keliya; before: hor kahor ?ilaa; after: kadib dib ?gudaheed; today: maanta; tomorrow: berri; "
        "Monday: isniin*; Tuesday: talaado* salaaso*; Wednesday: arbaco* arbaca*; Thursday: khamiis*; "
        "Friday: jimco* jimce* jimca*; Saturday: sabti*; Sunday: axad*"
    ),
}

TYPED = re.compile(r"\b(?:STOP|START|YES|NO|HELP)\b")
"""Words a person is asked to type: they stay in Latin capitals in every language."""

_THANK_YOU = re.compile(r"\bthank you\b", re.I)

EMERGENCY_NUMBERS = frozenset({"999", "111", "112", "116123"})


@dataclass(frozen=True)
class Concept:
    """Something two texts must both speak of or both not; the patterns are for one language's plain words.

    `asks` finds words that ask for it on the other side, `answers` also those that are only good enough; None where
    that language has no words for it.
    """

    name: str
    asks: re.Pattern[str] | None
    answers: re.Pattern[str] | None


def languages() -> frozenset[str]:
    """The languages that have words here."""
    return frozenset({"en", "ur", *_OTHERS})


@cache
def concepts(language: str) -> Mapping[str, Concept]:
    """What is looked for in a language by name, nothing for one without words here."""
    return {name: _concept(name, words.split()) for name, words in _rows(language)}


def _rows(language: str) -> Iterator[tuple[str, str]]:
    if language in ("en", "ur"):
        for line in ENGLISH_AND_URDU.strip().splitlines():
            name, english, urdu = line.split(" | ")
            yield name.strip(), english if language == "en" else urdu
    for row in _OTHERS.get(language, "").split(";"):
        name, colon, words = row.partition(":")
        if colon:
            yield name.strip(), words


def _concept(name: str, words: list[str]) -> Concept:
    asking = [word for word in words if not word.startswith("?")]
    return Concept(name, _any_of(asking), _any_of([word.lstrip("?") for word in words]))


def _any_of(words: list[str]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(_as_pattern, words))})(?!\S)") if words else None


def _as_pattern(word: str) -> str:
    if word.startswith("="):
        return re.escape(word)
    pieces = (normalise(piece).replace(" ", r"\s") for piece in word.replace("_", " ").split("*"))
    return r"\S*".join(pieces)


def plain_words(text: str) -> str:
    """The words of a text in plain form, and as written after a "=".

    A time of day brings "am" and "pm" where it does not say which.
    """
    text = _THANK_YOU.sub("thanks", text)
    clocks = " am pm" if any(":" in numeral.written for numeral in numerals_in(text)) else ""
    return normalise(re.sub(r"(\d)([ap]m)\b", r"\1 \2", TYPED.sub(" ", text), flags=re.I)) + clocks + _as_written(text)


def _as_written(text: str) -> str:
    return "" if text.isascii() else "".join(f" ={word}" for word in re.findall(r"\w+", as_written(text)))


def lost(source: str, text: str, source_language: str, target_language: str) -> list[str]:
    """Names of what the source speaks of and the text does not, as far as both languages have words for it."""
    asked, answered = concepts(source_language), concepts(target_language)
    said, got = plain_words(source), plain_words(text)
    return [
        name
        for name in asked
        if name in answered and _found(asked[name].asks, said) and not _found(answered[name].answers, got)
    ]


def _found(pattern: re.Pattern[str] | None, words: str) -> bool:
    return pattern is not None and pattern.search(words) is not None
