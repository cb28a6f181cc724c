"""Words that matter to names: what is no part of one, what stands for another, what is an ordinary word as well.

Takes nothing, gives tables of words as folding.folded_name spells them. The lists are short on
purpose: they only have to hold what a campus meets often; a name missing here is found all the same. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dlp.campus.folding import folded_name


def _words(spelt: str) -> frozenset[str]:
    return frozenset(folded_name(spelt).split())


# before, between or behind names, never one of them
TITLES = _words(
    "mr mrs ms miss mx dr doctor prof professor sir dame rev reverend hon frau herr mme mlle monsieur madame senor senora"
    " sra signor signora sensei shri smt jr sr ii iii iv phd md esq dphil mba msc bsc rn"
)
# who is greeted so is not named
GREETED_AS = _words(
    "all both everyone everybody team there again colleague colleagues sir madam prof professor dr doctor dean chair parent"
    " parents guy guys friend friends fellow fellows major majors senior seniors junior juniors graduate graduates"
    " undergraduate member members committee class applicant applicants candidate candidates customer user reader"
    " participant participants"
)
# of a family name, and as easily left out
PARTICLES = _words(
    "van von vom zu zum zur der den de del dela della delle dei di da das do dos du des d la le las los lo y e i ten ter"
    " te t op het af av al el ad as ash at az ez es ibn bin bint binti ould abu st saint san santa auf"
)
# a capital, but no name: they end one
BREAKS = _words(
    "a the this that these those there then than when where what which who whom whose why how if and but or nor not yet"
    " because while after before since until during also however therefore please thanks thank dear hello hi hey regards"
    " sincerely cheers yours kind warm we you they he she it its our your their his her i is are was were be been has"
    " have had do does did can could would should shall must might all any each every both some many most such no yes from"
    " subject sent date cc bcc fwd re fw attn monday tuesday wednesday thursday friday saturday sunday january february"
    " july september october november december student students professor dr mr mrs ms miss mx prof email phone room"
    " office department university college school institute campus grade grades final midterm exam homework section"
    " semester term course courses class classes gpa id chapter figure table http https www for with about regarding"
    " concerning congratulations meet ask tell see contact here once as by at of let"
) - frozenset(["he", "do", "be", "see"])  # 何 and 杜, for two
# with a capital only because a sentence begins: Yesterday Okobola failed
OPENS = _words(
    "again although besides eventually however instead last later maybe meanwhile nevertheless perhaps please soon"
    " sometimes still though today tomorrow tonight unlike yesterday"
)
# what stands behind a name that names a thing
THINGS = _words(
    "ltd inc llc llp gmbh ag plc corp corporation co company bros sons group partners associates consulting bank"
    " foundation fund trust hall house building street avenue road lane drive boulevard square plaza bridge tower park"
    " gardens library museum theatre theater auditorium center centre laboratory lab clinic hospital stadium field room"
    " university college school institute academy church chapel county city airport station prize award medal fellowship"
    " scholarship scholars lecture lectures lectureship chair professorship method theorem lemma equation test transform"
    " distribution algorithm syndrome disease effect law act report press publishing publishers books edition collection"
    " suite pro max plus"
)
# what stands behind one word that is no name then: the Grace Quarterly; but "Hana Kim Review: failed"
PAPERS = _words("quarterly weekly monthly magazine gazette herald tribune times journal review bulletin newsletter")
# an ordinary word, month, place or make: two of them make a name only with a second sign
ORDINARY = _words(
    "will may mark price april june august summer summers art major grace hope faith joy page young long short rich king"
    " bishop dean baker miller hall hill woods wood brook brooks rivers river lake field fields stone park parks green"
    " brown white black gray grey best love bill chase grant drew frank jack pat rob sue ray rose lily iris violet ivy"
    " heather dawn eve autumn sky star crystal ruby pearl amber christian guy earl duke baron prince pope cook carpenter"
    " mason potter fisher hunter archer day days weeks winter winters spring springs snow frost rain bell ball banks bush"
    " case church cross english french german holland ireland israel jordan georgia china india paris london florence"
    " sydney austin dallas houston lincoln washington madison jackson hamilton cambridge oxford harvard stanford berkeley"
    " lane street law justice little low means mean moon sun sung north west east south pace paper parent parker past"
    " power powers print read reading rice bean berry apple cherry olive basil ginger rock roll sharp strong small song"
    " speed swift teller test van wall waters well wells wise wolf fox hawk bird drake lamb bull buck fish bass salmon"
    " pike marsh do so an my he in on to me ma pa chance cash penny dollar ford mercedes tesla champion noble sergeant"
    " general grade english history lang bond branch bridges bright camp carter chancellor clay close core corner cotton"
    " court crane dale dear dick early fair farmer flower flowers forest free gay gold golden god good gunn harmony haven"
    " head heaven honor house hunt jade joker judge knight lace land law leaf leal light lock lord lucky luna marina"
    " marshal max melody mercy merit mills miles minor moody more mountain newman nice night nina ocean page peace piper"
    " plant pleasant plum poe point pond pool porter press quick rain ranger raven red reed regal rider ring rod roads"
    " robin root royal rush rusty sage sailor sand sands savage savannah school see self senior shade shepherd short"
    " silver singer skip smart sparks spear stern storm street sugar temple terry tree true turner unity valentine vale"
    " victor victoria virginia walker ward warren way weaver web webster winner winston wright yes york"
    " jan feb mar apr jun jul aug sep oct nov dec mon tue wed thu fri sat"
)
# so common that the bearer on campus need not be the one meant
COMMON_GIVEN = _words(
    "james john robert michael william david mary maria jose juan luis anna ana john peter paul thomas daniel sarah emily"
    " laura wei li jing yan min mohammed muhammad mohamed ahmed ali fatima jun ji hui"
)
COMMON_FAMILY = _words(
    "smith johnson williams brown jones davis wilson anderson garcia martinez rodriguez lopez hernandez gonzalez silva"
    " santos wang li zhang liu chen yang huang kim lee park nguyen tran singh kumar khan ali ahmed muller schmidt"
)

# a full name, and what its bearers are called
_SHORT = (
    "abdullah: abdul; abdulrahman: abdul; abhishek: abhi; abigail: abby gail; abraham: abe; adaeze: ada; aditya: adi; "
    "agnieszka: aga; aikaterini: katerina; albert: al bert albie; alberto: beto; alejandra: ale alex; alejandro: ale alex; "
    "aleksandr: sasha alek; aleksandra: ola sasha; aleksei: lyosha alyosha; alessandro: ale sandro; alexander: alex alec "
    "sasha xander sandy lex alek; alexandra: alex sasha lexi sandra alexa; alexei: lyosha alyosha; alfred: alf fred alfie; "
    "amanda: mandy; anastasia: nastya tasia stacy; andrew: andy drew; angus: gus; anna: anya annie; anthony: tony ant; "
    "antonio: tony tono toni; anuradha: anu; archibald: archie; arthur: art artie; athanasios: thanasis thanos; augustus: "
    "gus; ayodele: ayo dele; babatunde: tunde; balasubramanian: bala; barbara: barb babs barbie basia; bartholomew: bart; "
    "beatrice: bea; benjamin: ben benny benji; bernadette: bernie; bernard: bernie; carolina: caro; caroline: caro carrie; "
    "cassandra: cass cassie; catherine: cathy kate katie cat; cecilia: cece; charles: charlie chuck chas; charlotte: "
    "charlie lottie; chiamaka: amaka; christina: chris tina chrissy; christoph: chris; christopher: chris kit topher; "
    "chukwuemeka: emeka; clifford: cliff; clinton: clint; concepcion: concha conchita; constance: connie; cornelius: neil; "
    "cynthia: cindy; daniel: dan danny dani; daniela: dani; daria: dasha; david: dave davey; deborah: deb debbie; "
    "dimitrios: dimitris mitsos; dmitri: dima mitya; dolores: lola; donald: don donny; dorothy: dot dottie; "
    "douglas: doug; edmund: ned; eduardo: edu lalo; edward: ed eddie ted ned; ekaterina: katya; eleanor: ellie nell nora; "
    "elena: lena; elisabeth: lisa; elizabeth: liz beth betty eliza lizzie libby lisa betsy ellie; emily: em emmy; enrique: "
    "quique kike; ernest: ernie; eugene: gene; evangelos: vangelis; federico: fede; felicity: flick; fernando: nando fer; "
    " florence: flo; frances: fran frankie; francesco: franco; francis: frank fran; francisco: paco pancho frank "
    "cisco fran; frantisek: franta; frederick: fred freddie; friedrich: fritz; gabriel: gabe; gabriela: gabi; gabrielle: "
    "gabby; galina: galya; genevieve: viv; geoffrey: geoff; georgina: georgie; georgios: giorgos yorgos; gerald: gerry "
    "jerry; gilbert: gil; giovanni: gianni; giuseppe: beppe peppe; gonzalo: gonza; gregory: greg; grzegorz: grzesiek; "
    "guadalupe: lupe lupita; guillermo: memo guille; gwendolyn: gwen; harold: harry hal; harriet: hattie; harrison: harry; "
    "heinrich: heinz; helena: lena; henrietta: hetty etta; henry: harry hank; ibrahim: ibra; ignacio: nacho; imogen: immy; "
    "ioannis: yannis giannis; irina: ira; isabel: isa; isabella: bella izzy isa; ivan: vanya; jacob: jake; jacqueline: "
    "jackie; jakub: kuba; james: jim jimmy jamie; jaroslav: jarda; jasmine: jas jaz; javier: javi; jeffrey: jeff; jennifer: "
    "jen jenny; jeremy: jerry; jerome: jerry; jessica: jess; jesus: chuy; jiri: jirka; joanna: jo; joanne: jo; "
    "johanna: hanna; johannes: hannes; john: jack johnny; jonathan: jon; jose: pepe; joseph: joe joey; josephine: josie; "
    "joshua: josh; judith: judy; julia: jules; julian: jules; karthikeyan: karthik; katarzyna: kasia; katerina: katka "
    "katya; katharina: kathi; katherine: kate kathy katie kat kitty; kenneth: ken kenny; konstantin: kostya kosta; "
    "konstantinos: kostas costas dinos kosta; krzysztof: krzysiek krzys; ksenia: ksyusha; lawrence: larry; leonard: leo len "
    "lenny; leonardo: leo; lillian: lily; lorenzo: renzo; louis: lou louie; lucas: luke; lyudmila: lyuda; madeleine: "
    "maddie; madison: maddie; magdalena: magda lena leni; malcolm: mal; malgorzata: gosia; manuel: manu manolo; margaret: "
    "maggie meg peggy marge; margarethe: grete; maria: masha mia; marjorie: marge; martin: marty; mateusz: mat; matilda: "
    "tilly; matteo: teo; matthew: matt; maximilian: max maxi; melanie: mel; melissa: mel missy; mercedes: meche; michael: "
    "mike mick mickey misha; mikhail: misha; miranda: mandy; miroslav: mirek; mitchell: mitch; mohammed: mo moe; "
    "montgomery: monty; muhammad: mo; natalia: natasha nata talia; natalie: nat; nathan: nate; nathaniel: nate nathan nat; "
    "nicholas: nick nicky nico; nicola: nicky; nicolas: nico; nicole: nikki; nikola: niko nidzo; nikolai: kolya; nikolaos: "
    "niko nikos; norman: norm; oleksandr: sasha olek; oliver: ollie; olivia: liv livvy; olufunmilayo: funmi; oluwadamilola: "
    "dami damilola; oluwafemi: femi; oluwakemi: kemi; oluwaseun: seun; oluwatobi: tobi; pamela: pam; panagiotis: panos "
    "takis; patricia: pat trish patty tricia; patrick: pat paddy; pavel: pasha; penelope: penny; percival: percy; peter: "
    "pete; philip: phil; philippa: pippa; piotr: piotrek; priscilla: cilla; priyanka: priya; rachel: rach; rafael: rafa; "
    "raghavendra: raghu; rajendra: raj; rajesh: raj; randall: randy; raymond: ray; rebecca: becky bec; reginald: "
    "reggie; richard: rich rick dick ricky richie; robert: bob rob bobby robbie bert; roberto: beto; roderick: rod; ronald: "
    "ron ronnie; rosalie: rosie; rosalind: roz; rosario: charo; rosemary: rosie; russell: russ; salvador: chava; samantha: "
    "sam sammy; samuel: sam sammy; santiago: santi; sarah: sally; sebastian: seb bastian seba basti; sergei: seryozha; "
    "siddharth: sid; sidney: sid; solomon: sol; sophia: sophie; stanislav: stas slava; stanislaw: staszek; stanley: stan; "
    "stephanie: steph; stephen: steve; steven: steve; stuart: stu; susan: sue susie; svetlana: sveta; tatiana: tanya tania; "
    "temitope: temi tope; teresa: tere; terrence: terry; theodore: ted theo teddy; theresa: terry tess tessa; thomas: tom "
    "tommy; timothy: tim timmy; tomasz: tomek; vaclav: vasek; valerie: val; vanessa: nessa; venkataraman: venkat; "
    "venkatesh: venky venkat; veronica: vero; vicente: chente; victoria: vicky tori; vikramaditya: vikram; viktoria: vika; "
    "vincent: vince vinny; virginia: ginny; vivian: viv; vladimir: vova volodya vlad; vyacheslav: slava; walter: walt "
    "wally; wilfred: wilf; wilhelm: willi; william: will bill billy liam willy; winifred: winnie; wojciech: wojtek; xavier: "
    "xavi; yaroslav: slava yarik; yekaterina: katya; yelena: lena; yevgeny: zhenya; yuri: yura; zachary: zach zack; "
    "zbigniew: zbyszek; zofia: zosia; zuzana: zuzka"
)
CALLED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {full.strip(): tuple(shorts.split()) for full, _, shorts in (each.partition(":") for each in _SHORT.split(";"))}
)


def _by_nickname() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for full, shorts in CALLED.items():
        for short in shorts:
            found.setdefault(short, [short]).append(full)
    return {short: tuple(names) for short, names in found.items()}


NICKNAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(_by_nickname())  # a nickname: itself and what it may stand for

# family names in characters that write no blank; enough to find where a name may begin in a line of prose
CHARACTER_FAMILIES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂"
    "丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范石廖贾賈夏韦韋付方白邹鄒孟熊秦邱江尹薛闫段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴武戴莫孔向汤湯"
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥"
) | _words(
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 清水"
    " 山崎 池田 橋本 阿部 石川 森 前田 藤田 小川 岡田 後藤 長谷川 石井 村上 近藤 坂本 遠藤 青木 藤井"
    " 西村 福田 太田 三浦 藤原 岡本 松田 中川 中野 原田 小野 田村 竹内 金子 和田 中山 石田 上田 森田"
    " 酒井 柴田 宮崎 内田 高木 谷口 安藤 丸山 今井 大野 高田 河野 武田 杉山 千葉 増田 小島 桜井 野口"
    " 欧阳 司马 上官 诸葛 남궁 황보 제갈 선우 독고"
)
HONORIFICS = (
    "さん",
    "くん",
    "ちゃん",
    "さま",
    "様",
    "君",
    "先生",
    "同学",
    "同學",
    "老师",
    "老師",
    "教授",
    "女士",
    "小姐",
    "씨",
    "님",
    "학생",
    "교수",
)
