"""Countries as people write them in a sheet: by ISO code or English name. Whatever is less certain is not a country."""

import unicodedata

from phonenumbers import SUPPORTED_REGIONS

# The code that libphonenumber uses, the ISO code of three letters, and names in English.
_COUNTRIES = """
AC - Ascension Island; AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda;
AI AIA Anguilla; AL ALB Albania; AM ARM Armenia; AO AGO Angola; AR ARG Argentina; AS ASM American Samoa;
AT AUT Austria; AU AUS Australia; AW ABW Aruba; AX ALA Åland Islands; AZ AZE Azerbaijan;
BA BIH Bosnia and Herzegovina; BB BRB Barbados; BD BGD Bangladesh; BE BEL Belgium; BF BFA Burkina Faso;
BG BGR Bulgaria; BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda;
BN BRN Brunei/Brunei Darussalam; BO BOL Bolivia; BQ BES Bonaire/Caribbean Netherlands; BR BRA Brazil; BS BHS Bahamas;
BT BTN Bhutan; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize; CA CAN Canada; CC CCK Cocos Islands;
CD COD DR Congo/Democratic Republic of the Congo/Congo (Kinshasa); CF CAF Central African Republic;
CG COG Republic of the Congo/Congo (Brazzaville); CH CHE Switzerland; CI CIV Ivory Coast/Côte d'Ivoire;
CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon; CN CHN China/People's Republic of China; CO COL Colombia;
CR CRI Costa Rica; CU CUB Cuba; CV CPV Cape Verde/Cabo Verde; CW CUW Curaçao; CX CXR Christmas Island; CY CYP Cyprus;
CZ CZE Czechia/Czech Republic; DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM DMA Dominica;
DO DOM Dominican Republic; DZ DZA Algeria; EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara;
ER ERI Eritrea; ES ESP Spain; ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji;
FK FLK Falkland Islands/Falkland Islands (Malvinas); FM FSM Micronesia/Federated States of Micronesia;
FO FRO Faroe Islands; FR FRA France; GA GAB Gabon;
GB GBR United Kingdom/Great Britain/United Kingdom of Great Britain and Northern Ireland; GD GRD Grenada;
GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey; GH GHA Ghana; GI GIB Gibraltar; GL GRL Greenland;
GM GMB Gambia; GN GIN Guinea; GP GLP Guadeloupe; GQ GNQ Equatorial Guinea; GR GRC Greece; GT GTM Guatemala;
GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong; HN HND Honduras; HR HRV Croatia; HT HTI Haiti;
HU HUN Hungary; ID IDN Indonesia; IE IRL Ireland/Republic of Ireland; IL ISR Israel; IM IMN Isle of Man;
IN IND India; IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland; IT ITA Italy;
JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya; KG KGZ Kyrgyzstan; KH KHM Cambodia;
KI KIR Kiribati; KM COM Comoros; KN KNA Saint Kitts and Nevis;
KP PRK North Korea/Democratic People's Republic of Korea; KR KOR South Korea/Republic of Korea/Korea, Republic of;
KW KWT Kuwait; KY CYM Cayman Islands; KZ KAZ Kazakhstan; LA LAO Laos/Lao People's Democratic Republic;
LB LBN Lebanon; LC LCA Saint Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka; LR LBR Liberia; LS LSO Lesotho;
LT LTU Lithuania; LU LUX Luxembourg; LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC MCO Monaco;
MD MDA Moldova/Republic of Moldova; ME MNE Montenegro; MF MAF Saint Martin; MG MDG Madagascar;
MH MHL Marshall Islands; MK MKD North Macedonia/Macedonia; ML MLI Mali; MM MMR Myanmar/Burma; MN MNG Mongolia;
MO MAC Macau/Macao; MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania; MS MSR Montserrat;
MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia; MZ MOZ Mozambique;
NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island; NG NGA Nigeria; NI NIC Nicaragua;
NL NLD Netherlands; NO NOR Norway; NP NPL Nepal; NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand; OM OMN Oman;
PA PAN Panama; PE PER Peru; PF PYF French Polynesia; PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan;
PL POL Poland; PM SPM Saint Pierre and Miquelon; PR PRI Puerto Rico; PS PSE Palestine/State of Palestine;
PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Réunion; RO ROU Romania; RS SRB Serbia;
RU RUS Russia/Russian Federation; RW RWA Rwanda; SA SAU Saudi Arabia; SB SLB Solomon Islands; SC SYC Seychelles;
SD SDN Sudan; SE SWE Sweden; SG SGP Singapore; SH SHN Saint Helena; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen;
SK SVK Slovakia; SL SLE Sierra Leone; SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname;
SS SSD South Sudan; ST STP São Tomé and Príncipe; SV SLV El Salvador; SX SXM Sint Maarten;
SY SYR Syria/Syrian Arab Republic; SZ SWZ Eswatini/Swaziland; TA - Tristan da Cunha; TC TCA Turks and Caicos Islands;
TD TCD Chad; TG TGO Togo; TH THA Thailand; TJ TJK Tajikistan; TK TKL Tokelau; TL TLS Timor-Leste/East Timor;
TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga; TR TUR Turkey/Türkiye; TT TTO Trinidad and Tobago; TV TUV Tuvalu;
TW TWN Taiwan; TZ TZA Tanzania; UA UKR Ukraine; UG UGA Uganda; US USA United States/United States of America;
UY URY Uruguay; UZ UZB Uzbekistan; VA VAT Vatican City/Holy See; VC VCT Saint Vincent and the Grenadines;
VE VEN Venezuela; VG VGB British Virgin Islands; VI VIR US Virgin Islands; VN VNM Vietnam; VU VUT Vanuatu;
WF WLF Wallis and Futuna; WS WSM Samoa; XK XKX Kosovo; YE YEM Yemen; YT MYT Mayotte; ZA ZAF South Africa;
ZM ZMB Zambia; ZW ZWE Zimbabwe
"""
_OTHER_SPELLINGS = {
    "GB": ("UK", "Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "US": ("America", "Estados Unidos"),
    "NL": ("Holland", "Nederland"),
    "DE": ("Deutschland", "Allemagne", "Alemania"),
    "AT": ("Österreich",),
    "CH": ("Schweiz", "Suisse", "Svizzera"),
    "ES": ("España",),
    "IT": ("Italia",),
    "BR": ("Brasil",),
    "BE": ("België", "Belgique"),
    "SE": ("Sverige",),
    "NO": ("Norge",),
    "DK": ("Danmark",),
    "FI": ("Suomi",),
    "PL": ("Polska",),
    "IE": ("Eire",),
    "AE": ("UAE", "Emirates"),
    "KR": ("Korea",),
}
"""Likely enough to be suggested, and not certain enough to be read: `uk` is also the language of Ukraine."""


def _fold(name: str) -> str:
    """Return *name* without case, accents, spaces and punctuation, and with "and" for &."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").casefold())
    return "".join(char for char in plain if char.isalnum()).removeprefix("the")


def _entries() -> dict[str, tuple[str, ...]]:
    lines = (entry.split(maxsplit=2) for entry in _COUNTRIES.replace("\n", " ").split(";"))
    return {code: (code, long, *names.split("/")) for code, long, names in lines}


_NAMES = _entries()
_CODE_BY_SPELLING = {_fold(name): code for code, names in _NAMES.items() for name in names if name != "-"}
_SUGGESTION_BY_SPELLING = {_fold(name): code for code, names in _OTHER_SPELLINGS.items() for name in names}


def find_country(written: str) -> str | None:
    """Return the two letters of the country *written* as its ISO code or English name; None where it is none."""
    return _CODE_BY_SPELLING.get(_fold(written))


def suggest_country(written: str) -> str:
    """Return the sentence that says what to write instead of *written*, which is not the code of a country."""
    code = _SUGGESTION_BY_SPELLING.get(_fold(written)) or find_country(written)
    if code is None or code not in SUPPORTED_REGIONS:
        return "Write the code of a country, such as US."
    name = _NAMES[code][2]
    article = "the " if name.startswith(("United", "Netherlands", "Philippines", "Bahamas")) else ""
    return f"Write {code} for {article}{name}."
