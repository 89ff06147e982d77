/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/unicode.h"
#include "decode/decode.h"

#define DOC(encoding, text) \
	"<?xml version=\"1.0\" encoding=\"" encoding "\"?><rss>" text "</rss>"
#define BYTES(text) text, sizeof(text) - 1

struct result {
	struct buf text;
	char encoding[32], fault[160], better[32];
	enum document_syntax syntax;
};

static bool
collect(void *arg, const char *text, size_t size)
{
	buf_add(arg, text, size);
	return true;
}

/* `step`: bytes a call; 0: at random, by `seed`. */
static void
run(struct result *result, const char *type, const char *force, const char *data,
    size_t size, size_t step, unsigned seed)
{
	struct decode *d = decode_new(type, force, collect, &result->text);
	size_t i, take;

	buf_reset(&result->text);
	for (i = 0; i < size; i += take) {
		take = step > 0 ? step : 1 + (size_t)rand_r(&seed) % 9;
		if (take > size - i)
			take = size - i;
		assert_true(decode_data(d, data + i, take));
	}
	assert_true(decode_end(d));
	(void)snprintf(
	    result->encoding, sizeof(result->encoding), "%s", decode_encoding(d));
	(void)snprintf(result->fault, sizeof(result->fault), "%s",
	    decode_fault(d) != NULL ? decode_fault(d) : "");
	(void)snprintf(result->better, sizeof(result->better), "%s",
	    decode_better(d) != NULL ? decode_better(d) : "");
	result->syntax = decode_syntax(d);
	assert_true(unicode_is_valid(buf_text(&result->text), result->text.len));
	decode_free(d);
}

static void
same(const struct result *a, const struct result *b)
{
	assert_int_equal(a->text.len, b->text.len);
	assert_string_equal(buf_text(&a->text), buf_text(&b->text));
	assert_string_equal(a->encoding, b->encoding);
	assert_string_equal(a->fault, b->fault);
	assert_string_equal(a->better, b->better);
	assert_int_equal(a->syntax, b->syntax);
}

/* Whole, byte by byte and at random: one answer.  As a caller would: again when
 * there is something better. */
static void
run_all(struct result *whole, const char *type, const char *data, size_t size)
{
	struct result other = {0};
	char better[32];
	unsigned seed;

	run(whole, type, NULL, data, size, size, 0);
	run(&other, type, NULL, data, size, 1, 0);
	same(whole, &other);
	for (seed = 1; seed < 6; seed++) {
		run(&other, type, NULL, data, size, 0, seed);
		same(whole, &other);
	}
	if (whole->better[0] != '\0') {
		(void)snprintf(better, sizeof(better), "%s", whole->better);
		run(whole, type, better, data, size, size, 0);
		assert_string_equal(whole->better, "");
	}
	buf_done(&other.text);
}

struct decoding {
	const char *type, *data;
	size_t size;
	const char *text, *encoding;
	const char *fault; /* a part of it; "": none */
};

static const struct decoding decodings[] = {
    /* what is UTF-8 and says so */
    {NULL, BYTES(DOC("utf-8", "caf\xC3\xA9")), DOC("utf-8", "caf\xC3\xA9"), "utf-8",
	""},
    {NULL, BYTES("<rss>\xE2\x82\xAC</rss>"), "<rss>\xE2\x82\xAC</rss>", "utf-8", ""},
    {NULL, BYTES("\xEF\xBB\xBF<rss>x</rss>"), "<rss>x</rss>", "utf-8", ""},
    {"text/xml; charset=iso-8859-1", BYTES("\xEF\xBB\xBF<rss>\xC3\xA9</rss>"),
	"<rss>\xC3\xA9</rss>", "utf-8", ""},
    {"text/xml", BYTES(DOC("UTF8", "\xC3\xA9")), DOC("UTF8", "\xC3\xA9"), "utf-8",
	""},
    /* white space and marks in front go */
    {NULL, BYTES(" \r\n\t<?xml version='1.0'?><rss/>"),
	"<?xml version='1.0'?><rss/>", "utf-8", ""},
    {NULL, BYTES("\n \xEF\xBB\xBF\n<rss/>"), "<rss/>", "utf-8", ""},
    {NULL, BYTES("\n\n" DOC("windows-1251", "\xCF\xF0")),
	DOC("windows-1251", "\xD0\x9F\xD1\x80"), "windows-1251", ""},
    /* order: HTTP, then the declaration */
    {"application/xml; charset=koi8-r",
	BYTES(DOC("windows-1251", "\xF0\xD2\xC9\xD7")),
	DOC("windows-1251", "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2"), "koi8-r", ""},
    {"text/xml; CharSet = \"Windows-1251\" ; x=y", BYTES("<rss>\xCF\xF0</rss>"),
	"<rss>\xD0\x9F\xD1\x80</rss>", "windows-1251", ""},
    {"text/xml; charset='iso-8859-2'", BYTES("<rss>\xB1</rss>"),
	"<rss>\xC4\x85</rss>", "iso-8859-2", ""},
    {"text/xml;charset=x-unknown-7", BYTES(DOC("utf-8", "\xC3\xA9")),
	DOC("utf-8", "\xC3\xA9"), "utf-8", "unknown name"},
    {NULL, BYTES(DOC("no-such-set", "\xC3\xA9")), DOC("no-such-set", "\xC3\xA9"),
	"utf-8", "unknown name \"no-such-set\""},
    {"text/xml", BYTES(DOC("hz-gb-2312", "a")), DOC("hz-gb-2312", "a"), "utf-8",
	"unknown name"},
    /* names that mean more than they say */
    {NULL, BYTES(DOC("iso-8859-1", "\x93q\x94 \x80")),
	DOC("iso-8859-1", "\xE2\x80\x9Cq\xE2\x80\x9D \xE2\x82\xAC"), "windows-1252",
	""},
    {NULL, BYTES(DOC("us-ascii", "\xE9t\xE9")), DOC("us-ascii", "\xC3\xA9t\xC3\xA9"),
	"windows-1252", ""},
    {NULL, BYTES(DOC("us-ascii", "ete")), DOC("us-ascii", "ete"), "windows-1252",
	""},
    {NULL, BYTES(DOC("gb2312", "\xC4\xE3\x80\xFD\x52")),
	DOC("gb2312", "\xE4\xBD\xA0\xE2\x82\xAC\xE9\xBD\x8A"), "gbk", ""},
    {NULL, BYTES(DOC("ks_c_5601-1987", "\xC7\xD1\xB1\xDB \x8C\x63")),
	DOC("ks_c_5601-1987", "\xED\x95\x9C\xEA\xB8\x80 \xEB\x98\xA0"), "euc-kr",
	""},
    {NULL, BYTES(DOC("Shift_JIS", "\x93\xFA\x96\x7B \x87\x40")),
	DOC("Shift_JIS", "\xE6\x97\xA5\xE6\x9C\xAC \xE2\x91\xA0"), "shift_jis", ""},
    {NULL, BYTES(DOC("EUC-JP", "\xC6\xFC\xCB\xDC")),
	DOC("EUC-JP", "\xE6\x97\xA5\xE6\x9C\xAC"), "euc-jp", ""},
    {NULL, BYTES(DOC("big5", "\xA4\xA4\xA4\xE5")),
	DOC("big5", "\xE4\xB8\xAD\xE6\x96\x87"), "big5", ""},
    {NULL, BYTES(DOC("iso-2022-jp", "\x1B$B$\"\x1B(B!")),
	DOC("iso-2022-jp", "\xE3\x81\x82!"), "iso-2022-jp", ""},
    {NULL, BYTES(DOC("gb18030", "\x95\x32\x82\x36")),
	DOC("gb18030", "\xF0\xA0\x80\x80"), "gb18030", ""},
    {NULL, BYTES(DOC("koi8-u", "\xAE\xBE")), DOC("koi8-u", "\xD1\x9E\xD0\x8E"),
	"koi8-u", ""},
    {NULL, BYTES(DOC("windows-1255", "\xCA\xF9\xC1")),
	DOC("windows-1255", "\xD6\xBA\xD7\xA9\xD6\xB1"), "windows-1255", ""},
    {NULL, BYTES(DOC("windows-1253", "\x81\xE1")),
	DOC("windows-1253", "\xC2\x81\xCE\xB1"), "windows-1253", ""},
    {NULL, BYTES(DOC("iso-8859-6", "\xA1\xC7")),
	DOC("iso-8859-6", "\xEF\xBF\xBD\xD8\xA7"), "iso-8859-6",
	"are not iso-8859-6"},
    {NULL, BYTES(DOC("cp437", "\x81")), DOC("cp437", "\xC3\xBC"), "cp437", ""},
    {NULL,
	BYTES(DOC("big5",
	    "\xA4\xFF\xA4\xA4"
	    "a")),
	DOC("big5",
	    "\xEF\xBF\xBD\xEF\xBF\xBD\xE4\xB8\xAD"
	    "a"),
	"big5", "are not big5"},
    /* wrong declarations */
    {NULL, BYTES(DOC("utf-16", "caf\xC3\xA9")), DOC("utf-16", "caf\xC3\xA9"),
	"utf-8", "declared utf-16le"},
    {NULL, BYTES(DOC("iso-8859-1", "caf\xC3\xA9 \xE2\x82\xAC")),
	DOC("iso-8859-1", "caf\xC3\xA9 \xE2\x82\xAC"), "utf-8", "bytes are utf-8"},
    {NULL,
	BYTES(DOC("gbk",
	    "\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD\xE6\x96\x87"
	    "\xE4\xB8\xAD\xE6\x96\x87")),
	DOC("gbk",
	    "\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD\xE6\x96\x87"
	    "\xE4\xB8\xAD\xE6\x96\x87"),
	"utf-8", "declared gbk"},
    {NULL, BYTES(DOC("utf-8", "caf\xE9 na\xEFve")),
	DOC("utf-8", "caf\xC3\xA9 na\xC3\xAFve"), "windows-1252", "declared utf-8"},
    {NULL, BYTES("<rss>caf\xE9</rss>"), "<rss>caf\xC3\xA9</rss>", "windows-1252",
	"no encoding declared"},
    {"text/xml; charset=utf-8", BYTES(DOC("windows-1251", "\xCF\xF0")),
	DOC("windows-1251", "\xD0\x9F\xD1\x80"), "windows-1251", "declared utf-8"},
    /* a few bad bytes in good UTF-8, wherever they stand */
    {NULL, BYTES(DOC("utf-8", "\xE9 \xC3\xA9\xC3\xA9")),
	DOC("utf-8", "\xEF\xBF\xBD \xC3\xA9\xC3\xA9"), "utf-8", "not utf-8"},
    {NULL, BYTES(DOC("utf-8", "\xC3\xA9\xE2\x82 \xC3\xA9")),
	DOC("utf-8", "\xC3\xA9\xEF\xBF\xBD \xC3\xA9"), "utf-8", "not utf-8"},
    {NULL, BYTES("<rss>\xC3\xA9\xC3\xA9\xE2\x82"),
	"<rss>\xC3\xA9\xC3\xA9\xEF\xBF\xBD", "utf-8", "not utf-8"},
    {NULL, BYTES("\xEF\xBB\xBF<rss>\xE9</rss>"), "<rss>\xEF\xBF\xBD</rss>", "utf-8",
	"not utf-8"},
    {NULL, BYTES(DOC("windows-1252", "\xE9\xC3\xA9 \xE8 \xFC")),
	DOC("windows-1252", "\xC3\xA9\xC3\x83\xC2\xA9 \xC3\xA8 \xC3\xBC"),
	"windows-1252", ""},
    {NULL, BYTES(DOC("windows-1252", "\xC3\xA9 \xE8 \xFC")),
	DOC("windows-1252", "\xC3\x83\xC2\xA9 \xC3\xA8 \xC3\xBC"), "windows-1252",
	""},
    /* characters that XML forbids */
    {NULL,
	BYTES("<rss>a\x08"
	      "b\0c\x1F\td\x7F</rss>"),
	"<rss>abc\td\x7F</rss>", "utf-8", "XML forbids"},
    {NULL, BYTES("<rss>\xEF\xBF\xBE\xED\xA0\x80\xED\xB0\x80\xC3\xA9</rss>"),
	"<rss>\xC3\xA9</rss>", "utf-8", "XML forbids"},
    {NULL, BYTES(DOC("windows-1252", "\xE9\x01")), DOC("windows-1252", "\xC3\xA9"),
	"windows-1252", "XML forbids"},
    /* UTF-16 and UTF-32 */
    {NULL, BYTES("\xFF\xFE<\0r\0>\0\xAC\x20\x3D\xD8\x00\xDE<\0/\0r\0>\0"),
	"<r>\xE2\x82\xAC\xF0\x9F\x98\x80</r>", "utf-16le", ""},
    {"text/xml; charset=utf-8", BYTES("\0<\0r\0/\0>"), "<r/>", "utf-16be", ""},
    {NULL, BYTES("\xFE\xFF\0<\0r\0>\xD8\x3D\0x"), "<r>\xEF\xBF\xBDx", "utf-16be",
	"not utf-16be"},
    {NULL, BYTES("<\0r\0>\0x"), "<r>\xEF\xBF\xBD", "utf-16le", "not utf-16le"},
    {NULL, BYTES("\0\0\xFE\xFF\0\0\0<\0\0\0r\0\1\xF6\0\0\0\0>"),
	"<r\xF0\x9F\x98\x80>", "utf-32be", ""},
    {NULL, BYTES("<\0\0\0r\0\0\0>\0\0\0\0\xD8\0\0"), "<r>\xEF\xBF\xBD", "utf-32le",
	"not utf-32le"},
    {NULL, BYTES("\xFF\xFE\0\0{\0\0\0"), "{", "utf-32le", ""},
    {NULL, BYTES("{\0\"\0\xE9\0\"\0"), "{\"\xC3\xA9\"", "utf-16le", ""},
    /* nothing */
    {NULL, "", 0, "", "utf-8", ""},
    {NULL, BYTES("\xC3"), "\xC3\x83", "windows-1252", "no encoding declared"},
    /* a page's own word */
    {"text/html", BYTES("<html><meta charset=windows-1251><title>\xCF"),
	"<html><meta charset=windows-1251><title>\xD0\x9F", "windows-1251", ""},
    {"text/html",
	BYTES("<html><meta http-equiv=x content='text/html; charset=koi8-r'>\xF0"),
	"<html><meta http-equiv=x content='text/html; charset=koi8-r'>\xD0\x9F",
	"koi8-r", ""},
};

static void
bytes_become_utf8(void **state)
{
	struct result result = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(decodings) / sizeof(decodings[0]); i++) {
		const struct decoding *c = &decodings[i];

		run_all(&result, c->type, c->data, c->size);
		if (strcmp(buf_text(&result.text), c->text) != 0 ||
		    strcmp(result.encoding, c->encoding) != 0 ||
		    (c->fault != NULL &&
			(c->fault[0] == '\0'
				? result.fault[0] != '\0'
				: strstr(result.fault, c->fault) == NULL)))
			fail_msg("case %zu: got \"%s\" as %s, fault \"%s\"", i,
			    buf_text(&result.text), result.encoding, result.fault);
	}
	buf_done(&result.text);
}

static void
late_bytes_decide(void **state)
{
	struct result result = {0};
	struct buf doc = {0};
	int i;

	(void)state;
	buf_puts(&doc, "<rss>");
	for (i = 0; i < 3000; i++)
		buf_puts(&doc, "plain text ");
	buf_puts(&doc, "\xFCmlaut");
	run_all(&result, NULL, doc.data, doc.len);
	assert_string_equal(result.encoding, "windows-1252");
	assert_int_equal(result.text.len, doc.len + 1);
	for (i = 0; i < 50; i++)
		buf_puts(&doc, "\xC3\xBC");
	run(&result, NULL, NULL, doc.data, doc.len, doc.len, 0);
	assert_string_equal(result.better, "utf-8");
	run_all(&result, NULL, doc.data, doc.len);
	assert_string_equal(result.encoding, "utf-8");
	buf_done(&doc);
	buf_done(&result.text);
}

static void
syntax_is_seen(void **state)
{
	static const struct {
		const char *head;
		enum document_syntax syntax;
	} cases[] = {
	    {"<?xml version='1.0'?>\n<rss>", SYNTAX_XML},
	    {"  \n<rss>", SYNTAX_XML},
	    {"<RSS VERSION=2>", SYNTAX_XML},
	    {"<a:feed xmlns:a='x'>", SYNTAX_XML},
	    {"<rdf:RDF>", SYNTAX_XML},
	    {"<!-- a <html> comment --><rss>", SYNTAX_XML},
	    {"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>", SYNTAX_XML},
	    {"<opml>", SYNTAX_XML},
	    {"<br />\n<b>Warning</b>: x in <b>y.php</b><br />\n<?xml "
	     "version='1.0'?><rss>",
		SYNTAX_XML},
	    {"PHP Notice: x\n<feed>", SYNTAX_XML},
	    {"<?xml version='1.0'?><!-- ", SYNTAX_XML},
	    {"<?xml version='1.0'?><!DOCTYPE html><html xmlns='x'>", SYNTAX_HTML},
	    {"<!doctype HTML><p>", SYNTAX_HTML},
	    {"<html><head><title>Just a moment</title>", SYNTAX_HTML},
	    {"<title>404</title><custom-element>", SYNTAX_HTML},
	    {"{\"version\":1}", SYNTAX_JSON},
	    {" [", SYNTAX_JSON},
	    {"\x89\x01\x02", SYNTAX_OTHER},
	    {"not found", SYNTAX_OTHER},
	    {"a < b", SYNTAX_OTHER},
	    {"", SYNTAX_OTHER},
	};
	struct result result = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run_all(&result, NULL, cases[i].head, strlen(cases[i].head));
		if (result.syntax != cases[i].syntax)
			fail_msg("%s: %d", cases[i].head, (int)result.syntax);
	}
	buf_done(&result.text);
}

static void
labels_are_known(void **state)
{
	static const struct {
		const char *label, *name;
	} cases[] = {
	    {"latin1", "windows-1252"},
	    {" UTF-8\r\n", "utf-8"},
	    {"ISO_8859-9:1989", "windows-1254"},
	    {"ms_kanji", "shift_jis"},
	    {"unicodefffe", "utf-16be"},
	    {"csISOLatinHebrew", "iso-8859-8"},
	    {"logical", "iso-8859-8-i"},
	    {"x-x-big5", "big5"},
	    {"tis-620", "windows-874"},
	    {"x-sjis", "shift_jis"},
	    {"iso-2022-cn-ext", "replacement"},
	    {"utf-7", NULL},
	    {"", NULL},
	    {"utf-8 utf8", NULL},
	    {"utf", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name =
		    decode_label(cases[i].label, strlen(cases[i].label));

		if (cases[i].name == NULL)
			assert_null(name);
		else
			assert_string_equal(name, cases[i].name);
	}
}

static void
what_is_no_text_is_named(void **state)
{
	static const struct {
		const char *data, *name; /* NULL: text */
	} cases[] = {
	    {"\x89PNG\r\n\x1A\n<rss>", "a PNG image"},
	    {"\xFF\xD8\xFF\xE0", "a JPEG image"},
	    {"GIF89a", "a GIF image"},
	    {"PK\x03\x04", "a zip archive"},
	    {"\x1F\x8B\x08", "a gzip file"},
	    {"%PDF-1.7", "a PDF document"},
	    {"\x89PNX<rss/>", NULL},
	    {"GI", NULL},
	};
	struct buf text = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct decode *d = decode_new(NULL, NULL, collect, &text);

		buf_reset(&text);
		(void)decode_data(d, cases[i].data, strlen(cases[i].data));
		assert_int_equal(decode_end(d), cases[i].name == NULL);
		if (cases[i].name == NULL) {
			assert_null(decode_binary(d));
		} else {
			assert_string_equal(decode_binary(d), cases[i].name);
			assert_int_equal(text.len, 0);
		}
		decode_free(d);
	}
	buf_done(&text);
}

/* As someone would write it who never heard of declarations. */
static void
in_bytes_of(struct buf *out, const char *iconv_name, const char *text)
{
	char block[2048], *from = (char *)text, *to = block;
	size_t size = strlen(text), room = sizeof(block);
	iconv_t cd = iconv_open(iconv_name, "UTF-8");

	assert_true(cd != (iconv_t)-1);
	assert_int_equal(iconv(cd, &from, &size, &to, &room), 0);
	(void)iconv_close(cd);
	buf_reset(out);
	buf_puts(out, "<rss><title>");
	buf_add(out, block, sizeof(block) - room);
	buf_puts(out, "</title></rss>");
}

static void
undeclared_bytes_are_guessed(void **state)
{
	static const struct {
		const char *iconv_name, *encoding, *text;
	} cases[] = {
	    {"CP1251", "windows-1251",
		"Новая версия вышла сегодня утром, рассказали разработчики."},
	    {"CP1251", "windows-1251", "НОВОСТИ: сегодня в нашем городе был дождь"},
	    {"KOI8-R", "koi8-u",
		"Новая версия вышла сегодня утром, рассказали разработчики."},
	    {"KOI8-U", "koi8-u", "Сьогодні вийшла нова версія, кажуть її автори."},
	    {"CP1253", "windows-1253", "Η νέα έκδοση κυκλοφόρησε σήμερα το πρωί."},
	    {"CP1255", "windows-1255", "הגרסה החדשה יצאה הבוקר, כך אמרו המפתחים."},
	    {"CP1256", "windows-1256",
		"صدرت النسخة الجديدة صباح اليوم كما قال المطورون"},
	    {"CP874", "windows-874", "รุ่นใหม่ออกมาเมื่อเช้าวันนี้ นักพัฒนาบอก"},
	    {"GB2312", "gbk", "新的版本今天早上发布了，开发者们说这是最快的一个。"},
	    {"BIG5", "big5", "新的版本今天早上發佈了，開發者們說這是最快的一個。"},
	    {"EUC-JP", "euc-jp", "新しいバージョンは今朝公開されました。"},
	    {"CP932", "shift_jis", "新しいバージョンは今朝公開されました。"},
	    {"EUC-KR", "euc-kr",
		"새 버전이 오늘 아침에 나왔다고 개발자들은 말했다."},
	    /* the first character alone could be UTF-8 */
	    {"GB2312", "gbk", "隆重发布：新的版本今天早上发布了，这是最快的一个。"},
	    /* words of the Latin script with bytes between */
	    {"CP1252", "windows-1252",
		"L’été a été très chaud à l’île de Ré, été après été"},
	    {"CP1252", "windows-1252", "Ärger über Öl: größere Mühe für Übergänge"},
	    {"CP1252", "windows-1252", "21°C, 15°C, 8°C, 30°C, 22°C und mehr"},
	    {"CP1252", "windows-1252", "« Île »  – «  Noël  »"},
	    /* too little to go by */
	    {"CP1251", "windows-1252", "Да"},
	};
	struct result whole = {0};
	struct buf bytes = {0}, want = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		in_bytes_of(&bytes, cases[i].iconv_name, cases[i].text);
		run_all(&whole, NULL, bytes.data, bytes.len);
		assert_string_equal(whole.encoding, cases[i].encoding);
		assert_non_null(strstr(whole.fault, cases[i].encoding));
		buf_reset(&want);
		buf_puts(&want, "<rss><title>");
		buf_puts(&want, cases[i].text);
		buf_puts(&want, "</title></rss>");
		if (strcmp(cases[i].text, "Да") != 0)
			assert_string_equal(buf_text(&whole.text), buf_text(&want));
	}
	/* Who declares something is believed. */
	in_bytes_of(&bytes, "KOI8-R", cases[2].text);
	run_all(&whole, "text/xml; charset=windows-1251", bytes.data, bytes.len);
	assert_string_equal(whole.encoding, "windows-1251");
	buf_done(&bytes);
	buf_done(&want);
	buf_done(&whole.text);
}

static bool
stop_at_once(void *arg, const char *text, size_t size)
{
	(void)text;
	(void)size;
	++*(int *)arg;
	return false;
}

static void
stop_is_heard(void **state)
{
	int calls = 0;
	struct decode *d = decode_new(NULL, NULL, stop_at_once, &calls);
	char data[5000];

	(void)state;
	memset(data, 'a', sizeof(data));
	assert_false(decode_data(d, data, sizeof(data)));
	assert_false(decode_data(d, data, sizeof(data)));
	assert_false(decode_end(d));
	assert_int_equal(calls, 1);
	decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_become_utf8),
	    cmocka_unit_test(late_bytes_decide),
	    cmocka_unit_test(syntax_is_seen),
	    cmocka_unit_test(labels_are_known),
	    cmocka_unit_test(what_is_no_text_is_named),
	    cmocka_unit_test(undeclared_bytes_are_guessed),
	    cmocka_unit_test(stop_is_heard),
	};

	decode_warm();
	return CHECK_RUN(tests);
}
