"""What the ends of sentences look like in each language, as data: abbreviations, first words, conjunctions. Pure.

Abbreviations stand without their last full stop and without spaces: “EE. UU.” is `ee.uu`. All are in lower case, and
hold for capitals too.
"""

import re
from dataclasses import dataclass
from functools import cached_property

_FIRST_WORD = re.compile(r"[\w'’\u0900-\u0963\u0970-\u097f]*")


@dataclass(frozen=True)
class SentenceData:
    before_words: frozenset[str] = frozenset()  # abbreviations that something must follow: Mr., e.g.
    before_numbers: frozenset[str] = frozenset()  # that end no sentence before a number: No. 5, Jan. 5
    ends_before_numbers: tuple[str, ...] = ()  # of words that do: Bergstr. 5
    names: frozenset[str] = frozenset()  # in names: they end a sentence only before one of `starters`: U.S., Yahoo!
    closing: frozenset[str] = frozenset()  # that end a sentence before any capital: etc., p.m.
    after_closing: frozenset[str] = frozenset()  # capitalised words that continue after those: 5 p.m. Monday
    starters: frozenset[str] = frozenset()  # words that often begin a sentence, and seldom follow an abbreviation
    before_ordinals: frozenset[str] = frozenset()  # where ordinals have a full stop: “der 2. Weltkrieg”
    after_ordinals: frozenset[str] = frozenset()  # “3. Mai”
    after_quotes: tuple[str, ...] = ()  # what continues a sentence after a quotation, where no capitals show it
    conjunctions: frozenset[str] = frozenset()  # a long sentence may be cut before them

    @cached_property
    def abbreviations(self) -> frozenset[str]:
        return self.before_words | self.before_numbers | self.names | self.closing


def _data(after_quotes: tuple[str, ...] = (), ends_before_numbers: tuple[str, ...] = (), **words: str) -> SentenceData:
    sets = {name: frozenset(value.split()) for name, value in words.items()}
    return SentenceData(after_quotes=after_quotes, ends_before_numbers=ends_before_numbers, **sets)


ENGLISH = _data(
    before_words="""
        mr mrs ms mx messrs dr prof rev fr hon gen lt col capt cmdr cpl sgt maj adm gov sen rep pres supt insp e.g
        i.e eg ie cf viz vs v approx ca c incl excl esp resp aka brig messr mme mlle msgr br asst assoc atty pvt
        pfc ens comdr det const ald cllr amb chmn chf vol bldg dist pron adj adv syn op cit et c.f inst tbsp tsp pt
        qt doz pkg temp hwy rte feat prod dir fed reg civ crim evid ea""",
    before_numbers="""
        no nos nr fig figs p pp pg vol vols ch chap sec sect art eq ex exs par ver v ed jan feb mar apr jun jul aug
        sep sept oct nov dec tel ext ft lb oz sq min max para paras chs cl cls apt ste rm bldg unit lot hwy rte rt
        pt pts bk ln ll act sc grade ref st p.o est approx circa mon tue tues wed thu thur thurs fri""",
    names="""
        u.s u.s.a u.k u.n e.u d.c n.y l.a jr sr ph.d m.d b.a m.a b.sc m.sc esq yahoo jeopardy st ave blvd rd dept
        univ mt assn bros intl natl mfg hosp inst sq pl ct ln hwy ste gov tex cal calif conn penn pa fla ga va wash
        ariz colo mich minn wis tenn ky okla neb nev mont ont que b.c p.s""",
    closing="etc al inc ltd co corp bros llc plc a.m p.m am pm b.c a.d bc ad b.c.e c.e",
    after_closing="""
        monday tuesday wednesday thursday friday saturday sunday est edt et cst cdt mst mdt pst pdt pt gmt utc bst
        cet""",
    starters="""
        the a an this that these those there here it he she we they i you my his her our their your its who what
        when where why how which but and so or yet if as at in on for from after before since while although because
        though then now no not yes nobody everyone everybody somebody someone nothing everything one some many most
        all each both another other only even just let don't i'm it's that's he's she's we're they're there's""",
    conjunctions="""
        and or but nor so yet that which who whom whose because although though while when where if unless until
        since as than before after""",
)

SPANISH = _data(
    before_words="""
        sr sra srta sres sras d dña dr dra dres prof profa lic ing arq gral cnel tte cap sgto alm mons rvdo hno hna
        excmo excma ilmo ilma fr sto sta avda av c/ ctra pza p.ej ej ee uu rr hh ss ff cf cfr vs aprox comte cnte
        tcol brig sdo cbo obpo arz card pbro magdo mag cons lcdo lcda dtor dir coord univ dpto depto secc ctro bco
        cº gob prov op cit fdez glez rguez mtnez hdez plza pl urb pol bo bº cra carr calz col esq edif ntra ntro v.g
        v.gr ref trad ed ma""",
    before_numbers="""
        n no núm núms nro pág págs p pp art arts cap caps vol vols tomo fig figs s ss sig sigs párr ed tel tfno telf
        ext km apdo aprox ca ene feb mar abr may jun jul ago sep sept set oct nov dic edif dpto depto apto ap apt
        pta piso cod c.p int lám tab cuad ej r ley esc libr vv v t acto hab habit min máx mín pza grs cta ref fracc inc""",
    names="ud uds vd vds aa.vv vv",
    closing="etc ee.uu ff.aa rr.hh s.a s.l s.a.s a.c d.c a.m p.m cía ltda a.de.c izda izdo izq dcha dcho",
    starters="""
        el la los las un una unos unas lo yo tú él ella nosotros ellos ellas su sus mi mis y e o pero no sí si en de
        a por para con al como cuando donde que qué quién esto eso este esta ese esa hay es son fue era me te se nos
        le les luego después entonces así ya también nadie todo todos hoy""",
    conjunctions="""
        y e o u ni pero mas sino que cuando donde aunque porque pues como si mientras quien quienes cual cuyo cuya""",
)

FRENCH = _data(
    before_words="""
        m mm mme mmes mlle mlles mgr me dr pr prof st ste sts p.ex cf c.-à-d i.e e.g env vs bd boul av pl fg gén col
        cap lt cdt éd mad vve prés sén dép ad adj asst capt cne lt-col gal amb arch sgt serg brig adjt m.m r.p univ
        inst dpt fbg ch imp all rte rés bât étg ét apt appt esc cx c loc op cit v trad tél réf exp dest apr ap""",
    before_numbers="""
        n no nos p pp pag art arts fig figs chap ch vol t tome sect al par tél env janv févr fév mars avr juil sept
        oct nov déc éd ex r bât appt apt esc ét étg r.n rte réf cod c.p sec paragr § l liv v vv ps acte sc lot mat
        max min gr""",
    names="j.-c s.n.c.f",
    closing="etc av.j.-c apr.j.-c ap.j.-c s.a s.a.r.l a.m p.m cie ltd inc",
    starters="""
        le la les l un une des du de il elle ils elles on nous vous je tu ce cet cette ces c ça cela et ou mais donc
        car si puis alors ensuite enfin en à au aux dans par pour sur avec sans mon ma mes son sa ses leur leurs
        notre votre qui que quoi quand où comment pourquoi personne rien tout tous oui non ne y""",
    conjunctions="""
        et ou mais donc car ni or que qu qui dont où quand lorsque puisque parce comme si tandis quoique afin""",
)

ITALIAN = _data(
    before_words="""
        sig sigg sig.ra sig.na sig.re dott dott.ssa dr dr.ssa prof prof.ssa avv ing arch rag geom on sen mons gen
        col cap ten magg s ss spett egr gent gent.ma ill.mo p.es es cfr cf vs v p.zza c.so ca sig.ri sig.r dott.ri
        dott.sse proff prof.ri avv.ti cav comm uff on.li sott pres dir vicepres segr serg brig mar col.llo gen.le
        amm ten.te cap.no maresc sost p.m rev.do rev card arciv vesc dep cons ass geom.tri p.i per.ind ist univ fac
        dip ed trad op cit loc ibid c.f v.le l.go p.le via.le str fraz int cort cost cass trib sent dec lgs reg amb lun.-ven lun.-sab secc""",
    before_numbers="""
        n nn num pag pagg p pp art artt cap capp vol voll fig figg sec sez par tel ca gen feb mar apr mag giu giugno
        lug ago set sett ott nov dic ed r int sc scala p.le km ss sp co c.a.p cod c.p v vv cfr app all alleg tab tav
        rif prot lett sent reg dec l d.l d.lgs d.p.r lib min max piano mod ord""",
    closing="ecc etc d.c a.c s.p.a s.r.l s.n.c s.a.s a.m p.m",
    starters="""
        il lo la i gli le l un uno una io tu lui lei noi voi loro e o ma se che chi cosa come quando dove perché non
        no sì in a da di con per su al nel questo questa quello quella mio mia suo sua ci si mi ti è sono era poi
        allora così anche nessuno tutto tutti oggi""",
    conjunctions="""
        e ed o oppure ma però né che quando dove perché poiché come se mentre benché sebbene quindi cui quale""",
)

PORTUGUESE = _data(
    before_words="""
        sr sra srs sras srta d dr dra drs prof profa profª eng enga arq gen cel cap ten sgt alm exmo exma ilmo ilma
        sto sta v v.ex av r p.ex cf vs aprox pe fr trav pça des min dep sen gov pres maj brig sarg cb sold adv méd
        enf fil jorn pref sec dir coord univ fac inst col coop assoc al pq jd vl bl ed edif cond est rod lg bc op
        cit ibid p.s trad org orgs ref obs i.e v.g v.s.ª v.sa ss mons cón n.sra tam seg.-sex seg.-sáb""",
    before_numbers="""
        n no nº núm pág págs p pp art arts cap caps vol vols fig figs séc sécs s ed tel ramal km aprox jan fev mar
        abr mai jun jul ago set out nov dez al apto ap apt bl cj conj lt qd sl cod cep caixa inc par tab quadro ref
        v vv l dec res lei port máx mín and sala rod br telem telef""",
    names="jr",
    closing="etc a.c d.c s.a ltda cia cia.ltda a.m p.m e.u.a",
    starters="""
        o a os as um uma uns umas eu tu ele ela nós eles elas você vocês e ou mas se que quem como quando onde por
        para com em no na de do da não sim isso isto este esta esse essa aquele meu minha seu sua há é são foi era
        me te lhe depois então assim já também ninguém tudo todos hoje""",
    conjunctions="e ou mas nem que quando onde porque pois como se embora enquanto porém quem qual cujo cuja",
)

HINDI = _data(
    before_words="""
        डॉ डा प्रो श्री श्रीमती सुश्री पं कु चौ मो स्व ले कै ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यू आर एस
        टी यू वी डब्ल्यू एक्स वाई ज़ेड ई.पू कि मि सं उदा इंजी प्रा लि कं सर् मिसेज़ मौ हा ब्रि मे कर्न जन न्या अधि
        सचि मं वि अ.भा रा मा ता सोम मंगल बुध गुरु शुक्र शनि रवि सोम.-शुक्र सोम.-शनि मि.ग्रा मि.ली से रजि पृ घं वि.सं अनु
        इंजी एड उ.प्र म.प्र""",
    before_numbers="""
        रु नं क्र पृ सं खं अ ई.पू दि फ़ोन मो टे धारा मी सेमी ली कि.मी पै वर्ष सर्ग अध्या मं मोबा क्रमांक""",
    names="बी.ए एम.ए आई.आई.टी कि.मी कि.ग्रा बी.एससी मी लि प्रा.लि सी.ए एम.बी.ए पी.एच.डी यू.एस भा.ज.पा",
    starters="वह वे मैं हम तुम आप यह ये और पर लेकिन फिर अब कल",
    conjunctions="और या लेकिन मगर परंतु किंतु कि जो जब जहाँ क्योंकि ताकि अगर तो बल्कि",
)

GERMAN = _data(
    before_words="""
        hr fr dr prof st hl med phil nat rer jur hc h.c theol pol habil z.b z.t u.a d.h u.u i.d.r i.a o.ä v.a bzw ca
        vgl s.o s.u evtl ggf inkl exkl zzgl gem sog dipl ing frl gebr nr abs abb kap hptm lt oblt maj gen adm pf pfr
        bf präs geb verh gest bes insb insbes bspw u.z einschl ausschl entspr evang kath allg sen jun inh betr bzgl
        dtsch engl ehem jr spr vors zzt z.zt z.hd s.a m.e i.v i.allg i.h.v d.j u.ä v.l pl""",
    before_numbers="""
        nr s abs art abb kap bd bde tel jh § ca jan feb mär apr jun jul aug sep sept okt nov dez mio mrd max min u.a
        hs whg og zi ziff rn rdnr anm tab taf bsp vers psalm mt lk joh geb bj plz postf""",
    names="mio mrd tsd e.v gmbh mag",
    closing="usw etc v.chr n.chr u.s.w ff f co usf",
    starters="""
        der die das den dem des ein eine einer ich du er sie es wir ihr man und oder aber doch denn wenn dann da
        danach dort hier jetzt nun so also in im an am auf bei mit nach von vor zu für als wie was wer wo warum mein
        dein sein unser dies diese dieser kein niemand alle alles heute ja nein auch""",
    ends_before_numbers=("str",),
    before_ordinals="""
        am im der die das den dem des vom zum beim bis ab ein eine einen jeder jede jedes ihr sein mein dein unser
        und""",
    after_ordinals="""
        januar jänner februar feber märz april mai juni juli august september oktober november dezember jahrhundert
        jahrhunderts jahrtausend etage stock klasse liga auflage kapitel platz""",
    conjunctions="""
        und oder aber sondern denn dass weil wenn als ob obwohl während damit nachdem bevor bis der die das welche
        welcher wo""",
)

RUSSIAN = _data(
    before_words="ул пл пр гр проф акад т.е т.к т.н напр см ср св стр д кв обл р",
    before_numbers="стр с рис табл гл п ст т № тел янв февр апр авг сент окт нояб дек",
    names="г",
    closing="т.д т.п др пр н.э гг вв руб коп тыс млн млрд",
    starters="""
        я ты он она оно мы вы они это этот эта эти и а но или если что как когда где кто потом тогда затем не нет да
        в на с по к у от из за для мой его её их наш ваш все всё там тут здесь теперь сегодня""",
    conjunctions="и а но или что чтобы который которая которое которые когда где если потому хотя пока",
)

CHINESE = _data()
JAPANESE = _data(after_quotes=("と", "っ", "て", "の", "は", "が", "を", "に", "で", "だ"))
KOREAN = _data(after_quotes=("라고", "하고", "고 "), conjunctions="그리고 그러나 하지만 또는")

# After a number they are words, whatever else they may abbreviate.
UNITS = {"m", "h", "s", "g", "l", "t", "km", "kg", "cm", "mm", "ml", "ha", "mi", "ft", "in", "lb", "lbs", "oz"}
UNITS |= {"min", "sec", "seg", "sek", "std"}

DATA_BY_LANGUAGE = {
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
    "hi": HINDI,
    "de": GERMAN,
    "ru": RUSSIAN,
    "zh": CHINESE,
    "ja": JAPANESE,
    "ko": KOREAN,
}


def first_word(text: str) -> str:
    """Return the word that a text begins with, in lower case; vowel signs, as in Hindi, are part of it."""
    word = _FIRST_WORD.match(text)
    return word[0].lower().replace("’", "'") if word else ""


def data_of(language: str) -> SentenceData:
    """Return the data of a code of voices.languages."""
    return DATA_BY_LANGUAGE.get(language.partition("-")[0], ENGLISH)
