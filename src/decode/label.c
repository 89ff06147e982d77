/* SPDX-License-Identifier: ISC */
#include "decode/label.h"

#include <ctype.h>
#include <string.h>

#include "decode/decode.h"

/*
 * WHATWG Encoding 4.2 (the first part: 40 encodings, 228 labels), with the names
 * by which glibc's iconv has these very tables; the obvious ones (GBK, EUC-KR,
 * SHIFT_JIS, BIG5) are other tables.  A server's label never reaches iconv_open.
 * Two of the labels that WHATWG replaces by nothing are decoded: what they could
 * smuggle past a browser's scanner is cleaned after decoding here.
 */
static const struct encoding encodings[] = {
    {"utf-8", NULL, FORM_UTF8,
	"unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
	{{0}}},
    {"ibm866", "CP866", FORM_SINGLE, "866 cp866 csibm866 ibm866", {{0}}},
    {"iso-8859-2", "ISO-8859-2", FORM_SINGLE,
	"csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 "
	"iso_8859-2:1987 l2 latin2",
	{{0}}},
    {"iso-8859-3", "ISO-8859-3", FORM_SINGLE,
	"csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 "
	"iso_8859-3:1988 l3 latin3",
	{{0}}},
    {"iso-8859-4", "ISO-8859-4", FORM_SINGLE,
	"csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 "
	"iso_8859-4:1988 l4 latin4",
	{{0}}},
    {"iso-8859-5", "ISO-8859-5", FORM_SINGLE,
	"csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 "
	"iso_8859-5 iso_8859-5:1988",
	{{0}}},
    {"iso-8859-6", "ISO-8859-6", FORM_SINGLE,
	"arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 "
	"iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 "
	"iso_8859-6 iso_8859-6:1987",
	{{0}}},
    {"iso-8859-7", "ISO-8859-7", FORM_SINGLE,
	"csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 "
	"iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek",
	{{0}}},
    {"iso-8859-8", "ISO-8859-8", FORM_SINGLE,
	"csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 "
	"iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual",
	{{0}}},
    {"iso-8859-8-i", "ISO-8859-8", FORM_SINGLE, "csiso88598i iso-8859-8-i logical",
	{{0}}},
    {"iso-8859-10", "ISO-8859-10", FORM_SINGLE,
	"csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6", {{0}}},
    {"iso-8859-13", "ISO-8859-13", FORM_SINGLE, "iso-8859-13 iso8859-13 iso885913",
	{{0}}},
    {"iso-8859-14", "ISO-8859-14", FORM_SINGLE, "iso-8859-14 iso8859-14 iso885914",
	{{0}}},
    {"iso-8859-15", "ISO-8859-15", FORM_SINGLE,
	"csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9", {{0}}},
    {"iso-8859-16", "ISO-8859-16", FORM_SINGLE, "iso-8859-16", {{0}}},
    {"koi8-r", "KOI8-R", FORM_SINGLE, "cskoi8r koi koi8 koi8-r koi8_r", {{0}}},
    {"koi8-u", "KOI8-U", FORM_SINGLE, "koi8-ru koi8-u",
	{{0xAE, 0x045E}, {0xBE, 0x040E}}},
    {"macintosh", "MACINTOSH", FORM_SINGLE, "csmacintosh mac macintosh x-mac-roman",
	{{0xC6, 0x2206}, {0xF0, 0xF8FF}}},
    {"windows-874", "CP874", FORM_SINGLE,
	"dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874", {{0}}},
    {"windows-1250", "CP1250", FORM_SINGLE, "cp1250 windows-1250 x-cp1250", {{0}}},
    {"windows-1251", "CP1251", FORM_SINGLE, "cp1251 windows-1251 x-cp1251", {{0}}},
    {"windows-1252", "CP1252", FORM_SINGLE,
	"ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 "
	"iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii "
	"windows-1252 x-cp1252",
	{{0}}},
    {"windows-1253", "CP1253", FORM_SINGLE, "cp1253 windows-1253 x-cp1253", {{0}}},
    {"windows-1254", "CP1254", FORM_SINGLE,
	"cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
	"iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
	{{0}}},
    {"windows-1255", "CP1255", FORM_SINGLE, "cp1255 windows-1255 x-cp1255",
	{{0xCA, 0x05BA}}},
    {"windows-1256", "CP1256", FORM_SINGLE, "cp1256 windows-1256 x-cp1256", {{0}}},
    {"windows-1257", "CP1257", FORM_SINGLE, "cp1257 windows-1257 x-cp1257", {{0}}},
    {"windows-1258", "CP1258", FORM_SINGLE, "cp1258 windows-1258 x-cp1258", {{0}}},
    {"x-mac-cyrillic", "MAC-CYRILLIC", FORM_SINGLE, "x-mac-cyrillic x-mac-ukrainian",
	{{0xFF, 0x20AC}}},
    {"gbk", "GB18030", FORM_MULTI,
	"chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 "
	"x-gbk",
	{{0x80, 0x20AC}}},
    {"gb18030", "GB18030", FORM_MULTI, "gb18030", {{0x80, 0x20AC}}},
    {"big5", "BIG5-HKSCS", FORM_MULTI, "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
	{{0}}},
    {"euc-jp", "EUC-JP", FORM_MULTI, "cseucpkdfmtjapanese euc-jp x-euc-jp", {{0}}},
    {"iso-2022-jp", "ISO-2022-JP", FORM_MULTI, "csiso2022jp iso-2022-jp", {{0}}},
    {"shift_jis", "CP932", FORM_MULTI,
	"csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
	{{0x80, 0x0080}}},
    {"euc-kr", "CP949", FORM_MULTI,
	"cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 "
	"ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
	{{0}}},
    {"iso-2022-kr", "ISO-2022-KR", FORM_MULTI, "csiso2022kr iso-2022-kr", {{0}}},
    {"iso-2022-cn", "ISO-2022-CN", FORM_MULTI, "iso-2022-cn", {{0}}},
    {"replacement", NULL, FORM_NONE, "hz-gb-2312 iso-2022-cn-ext replacement",
	{{0}}},
    {"utf-16be", NULL, FORM_UTF16BE, "unicodefffe utf-16be", {{0}}},
    {"utf-16le", NULL, FORM_UTF16LE,
	"csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
	{{0}}},
    {"x-user-defined", NULL, FORM_SINGLE, "x-user-defined", {{0}}},
    /* Not WHATWG's: feeds have no browser to please, and some are older. */
    {"utf-32be", NULL, FORM_UTF32BE,
	"utf-32be utf-32 utf32 ucs-4 ucs4 iso-10646-ucs-4 csucs4", {{0}}},
    {"utf-32le", NULL, FORM_UTF32LE, "utf-32le", {{0}}},
    {"gbk", "GB18030", FORM_MULTI, "cp936 ms936 windows-936 euc-cn",
	{{0x80, 0x20AC}}},
    {"big5", "BIG5-HKSCS", FORM_MULTI, "cp950 ms950 windows-950 big5hkscs", {{0}}},
    {"shift_jis", "CP932", FORM_MULTI, "cp932 windows-932", {{0x80, 0x0080}}},
    {"euc-kr", "CP949", FORM_MULTI, "cp949 ms949 uhc ks_c_5601 x-windows-949",
	{{0}}},
    {"euc-tw", "EUC-TW", FORM_MULTI, "euc-tw cns11643", {{0}}},
    {"johab", "CP1361", FORM_MULTI, "johab cp1361 ms1361", {{0}}},
    {"euc-jisx0213", "EUC-JISX0213", FORM_MULTI, "euc-jisx0213 euc-jis-2004", {{0}}},
    {"shift_jisx0213", "SHIFT_JISX0213", FORM_MULTI, "shift_jisx0213 shift_jis-2004",
	{{0}}},
    {"iso-2022-jp-2", "ISO-2022-JP-2", FORM_MULTI, "iso-2022-jp-2 csiso2022jp2",
	{{0}}},
    {"iso-2022-jp-3", "ISO-2022-JP-3", FORM_MULTI, "iso-2022-jp-3", {{0}}},
    {"cp437", "CP437", FORM_SINGLE, "cp437 ibm437 437 cspc8codepage437", {{0}}},
    {"cp737", "CP737", FORM_SINGLE, "cp737 ibm737", {{0}}},
    {"cp775", "CP775", FORM_SINGLE, "cp775 ibm775", {{0}}},
    {"cp850", "CP850", FORM_SINGLE, "cp850 ibm850 850", {{0}}},
    {"cp852", "CP852", FORM_SINGLE, "cp852 ibm852 852", {{0}}},
    {"cp855", "CP855", FORM_SINGLE, "cp855 ibm855 855", {{0}}},
    {"cp857", "CP857", FORM_SINGLE, "cp857 ibm857 857", {{0}}},
    {"cp858", "CP858", FORM_SINGLE, "cp858 ibm858 858 ibm00858", {{0}}},
    {"cp860", "CP860", FORM_SINGLE, "cp860 ibm860 860", {{0}}},
    {"cp861", "CP861", FORM_SINGLE, "cp861 ibm861 861", {{0}}},
    {"cp862", "CP862", FORM_SINGLE, "cp862 ibm862 862", {{0}}},
    {"cp863", "CP863", FORM_SINGLE, "cp863 ibm863 863", {{0}}},
    {"cp865", "CP865", FORM_SINGLE, "cp865 ibm865 865", {{0}}},
    {"cp869", "CP869", FORM_SINGLE, "cp869 ibm869 869", {{0}}},
    {"cp1125", "CP1125", FORM_SINGLE, "cp1125 ibm1125 ruscii cp866u", {{0}}},
    {"koi8-t", "KOI8-T", FORM_SINGLE, "koi8-t", {{0}}},
    {"ptcp154", "PT154", FORM_SINGLE, "ptcp154 pt154 csptcp154", {{0}}},
    {"rk1048", "RK1048", FORM_SINGLE, "rk1048 kz-1048 strk1048-2002", {{0}}},
    {"viscii", "VISCII", FORM_SINGLE, "viscii csviscii", {{0}}},
    {"armscii-8", "ARMSCII-8", FORM_SINGLE, "armscii-8", {{0}}},
    {"georgian-ps", "GEORGIAN-PS", FORM_SINGLE, "georgian-ps", {{0}}},
    {"hp-roman8", "HP-ROMAN8", FORM_SINGLE, "hp-roman8 roman8 r8", {{0}}},
    {"x-mac-ce", "MAC-CENTRALEUROPE", FORM_SINGLE,
	"x-mac-ce x-mac-centraleurroman mac-centraleurope", {{0}}},
};

_Static_assert(sizeof(encodings) / sizeof(encodings[0]) <= LABEL_MAX, "LABEL_MAX");

/* Whether the blank-separated `labels` hold `label`, any case. */
static int
has_label(const char *labels, const char *label, size_t size)
{
	size_t length, i;

	for (; *labels != '\0'; labels += length + (labels[length] == ' ')) {
		length = strcspn(labels, " ");
		if (length != size)
			continue;
		for (i = 0; i < size; i++) {
			if (tolower((unsigned char)label[i]) != labels[i])
				break;
		}
		if (i == size)
			return 1;
	}
	return 0;
}

const struct encoding *
label_find(const char *label, size_t size)
{
	size_t i;

	while (size > 0 && (unsigned char)*label <= ' ') {
		label++;
		size--;
	}
	while (size > 0 && (unsigned char)label[size - 1] <= ' ')
		size--;
	if (size == 0 || memchr(label, ' ', size) != NULL)
		return NULL;
	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		if (has_label(encodings[i].labels, label, size))
			return &encodings[i];
	}
	return NULL;
}

const struct encoding *
label_form(enum encoding_form form)
{
	size_t i = 0;

	while (encodings[i].form != form)
		i++;
	return &encodings[i];
}

const struct encoding *
label_at(size_t index)
{
	return index < sizeof(encodings) / sizeof(encodings[0]) ? &encodings[index]
								: NULL;
}

const char *
decode_label(const char *label, size_t size)
{
	const struct encoding *encoding = label_find(label, size);

	return encoding != NULL ? encoding->name : NULL;
}
