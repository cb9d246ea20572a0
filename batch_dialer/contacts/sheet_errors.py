"""What a spreadsheet program shows in place of a formula's result, in the languages in which it shows it."""

_BY_LANGUAGE = {
    "English": "#N/A #REF! #NAME? #VALUE! #DIV/0! #NULL! #NUM! #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED!",
    "Czech": "#NENÍ_K_DISPOZICI #ODKAZ! #NÁZEV? #HODNOTA! #DĚLENÍ_NULOU! #ČÍSLO!",
    "Danish": "#I/T #REFERENCE! #NAVN? #VÆRDI! #NUL!",
    "Dutch": "#N/B #VERW! #NAAM? #WAARDE! #DEEL/0! #LEEG! #GETAL!",
    "Finnish": "#PUUTTUU! #VIITTAUS! #NIMI? #ARVO! #JAKO/0! #TYHJÄ! #LUKU!",
    "French": "#N/A #REF! #NOM? #VALEUR! #NUL! #NOMBRE! #PROPAGATION! #EPARS!",
    "German": "#NV #BEZUG! #NAME? #WERT! #ZAHL! #ÜBERLAUF! #KALK!",
    "Hungarian": "#HIÁNYZIK #HIV! #NÉV? #ÉRTÉK! #ZÉRÓOSZTÓ! #NULLA! #SZÁM!",
    "Italian": "#N/D #RIF! #NOME? #VALORE! #NULLO! #NUM!",
    "Norwegian": "#I/T #REFERANSE! #NAVN? #VERDI!",
    "Polish": "#N/D! #N/D #ADR! #NAZWA? #ARG! #DZIEL/0! #ZERO! #LICZBA!",
    "Portuguese": "#N/D #REF! #NOME? #VALOR! #NULO! #NÚM!",
    "Russian": "#Н/Д #ССЫЛКА! #ИМЯ? #ЗНАЧ! #ДЕЛ/0! #ПУСТО! #ЧИСЛО!",  # noqa: RUF001  (that is how Russian is written)
    "Spanish": "#N/D #¡REF! #¿NOMBRE? #¡VALOR! #¡DIV/0! #¡NULO! #¡NUM! #¡DESBORDAMIENTO! #¡CALC!",
    "Swedish": "#SAKNAS! #REFERENS! #NAMN? #VÄRDEFEL! #DIVISION/0! #SKÄRNING! #OGILTIGT!",
    "Turkish": "#YOK #BAŞV! #AD? #DEĞER! #SAYI/0! #BOŞ! #SAYI!",
    "LibreOffice": " ".join(f"Err:{number}" for number in range(501, 541)),
    "our own words": "#UNCALCULATED! #FORMAT! ########",
}
SHEET_ERRORS = tuple(sorted({error for errors in _BY_LANGUAGE.values() for error in errors.split()}))
"""The error values that are never said to anybody; a text file holds them as the program that wrote it shows them."""
