/* SPDX-License-Identifier: ISC */
#include "markup/elements.h"

#include <string.h>

/* Short names for the table alone. */
enum {
	C = ELEMENT_CLEAN,
	V = ELEMENT_VOID,
	D = ELEMENT_DROP,
	B = ELEMENT_BLOCK,
	P = ELEMENT_BLOCK | ELEMENT_PARAGRAPH,
	T = ELEMENT_IN_TABLE,
	H = ELEMENT_HEADING | ELEMENT_BLOCK | ELEMENT_PARAGRAPH,
	F = ELEMENT_FORMAT,
	L = ELEMENT_LEAVES,
};

static const struct {
	char name[11];
	uint8_t size;
	uint16_t flags;
} elements[ELEMENT_COUNT] = {
    [ELEMENT_A] = {"a", 1, C | F},
    [ELEMENT_ABBR] = {"abbr", 4, C},
    [ELEMENT_ACRONYM] = {"acronym", 7, C},
    [ELEMENT_ADDRESS] = {"address", 7, C | B},
    [ELEMENT_APPLET] = {"applet", 6, D},
    [ELEMENT_AREA] = {"area", 4, V},
    [ELEMENT_ARTICLE] = {"article", 7, C | P},
    [ELEMENT_ASIDE] = {"aside", 5, C | P},
    [ELEMENT_AUDIO] = {"audio", 5, C},
    [ELEMENT_B] = {"b", 1, C | F | L},
    [ELEMENT_BASE] = {"base", 4, V},
    [ELEMENT_BASEFONT] = {"basefont", 8, V},
    [ELEMENT_BDI] = {"bdi", 3, C},
    [ELEMENT_BDO] = {"bdo", 3, C},
    [ELEMENT_BGSOUND] = {"bgsound", 7, V},
    [ELEMENT_BIG] = {"big", 3, C | F | L},
    [ELEMENT_BLINK] = {"blink", 5, 0},
    [ELEMENT_BLOCKQUOTE] = {"blockquote", 10, C | P | L},
    [ELEMENT_BODY] = {"body", 4, L},
    [ELEMENT_BR] = {"br", 2, C | V | L},
    [ELEMENT_BUTTON] = {"button", 6, 0},
    [ELEMENT_CANVAS] = {"canvas", 6, 0},
    [ELEMENT_CAPTION] = {"caption", 7, C | B | T},
    [ELEMENT_CENTER] = {"center", 6, C | B | L},
    [ELEMENT_CITE] = {"cite", 4, C},
    [ELEMENT_CODE] = {"code", 4, C | F | L},
    [ELEMENT_COL] = {"col", 3, C | V | T},
    [ELEMENT_COLGROUP] = {"colgroup", 8, C | T},
    [ELEMENT_DATA] = {"data", 4, C},
    [ELEMENT_DATALIST] = {"datalist", 8, D},
    [ELEMENT_DD] = {"dd", 2, C | B | L},
    [ELEMENT_DEL] = {"del", 3, C},
    [ELEMENT_DETAILS] = {"details", 7, C | P},
    [ELEMENT_DFN] = {"dfn", 3, C},
    [ELEMENT_DIALOG] = {"dialog", 6, B},
    [ELEMENT_DIR] = {"dir", 3, C | P},
    [ELEMENT_DIV] = {"div", 3, C | B | L},
    [ELEMENT_DL] = {"dl", 2, C | P | L},
    [ELEMENT_DT] = {"dt", 2, C | B | L},
    [ELEMENT_EM] = {"em", 2, C | F | L},
    [ELEMENT_EMBED] = {"embed", 5, V | L},
    [ELEMENT_FIELDSET] = {"fieldset", 8, B},
    [ELEMENT_FIGCAPTION] = {"figcaption", 10, C | B},
    [ELEMENT_FIGURE] = {"figure", 6, C | P},
    [ELEMENT_FONT] = {"font", 4, 0},
    [ELEMENT_FOOTER] = {"footer", 6, C | P},
    [ELEMENT_FORM] = {"form", 4, B},
    [ELEMENT_FRAME] = {"frame", 5, V},
    [ELEMENT_FRAMESET] = {"frameset", 8, D},
    [ELEMENT_H1] = {"h1", 2, C | H | L},
    [ELEMENT_H2] = {"h2", 2, C | H | L},
    [ELEMENT_H3] = {"h3", 2, C | H | L},
    [ELEMENT_H4] = {"h4", 2, C | H | L},
    [ELEMENT_H5] = {"h5", 2, C | H | L},
    [ELEMENT_H6] = {"h6", 2, C | H | L},
    [ELEMENT_HEAD] = {"head", 4, L},
    [ELEMENT_HEADER] = {"header", 6, C | P},
    [ELEMENT_HGROUP] = {"hgroup", 6, C | P},
    [ELEMENT_HR] = {"hr", 2, C | V | P | L},
    [ELEMENT_HTML] = {"html", 4, 0},
    [ELEMENT_I] = {"i", 1, C | F | L},
    [ELEMENT_IFRAME] = {"iframe", 6, D},
    [ELEMENT_IMAGE] = {"image", 5, C | V},
    [ELEMENT_IMG] = {"img", 3, C | V | L},
    [ELEMENT_INPUT] = {"input", 5, V},
    [ELEMENT_INS] = {"ins", 3, C},
    [ELEMENT_ISINDEX] = {"isindex", 7, V},
    [ELEMENT_KBD] = {"kbd", 3, C},
    [ELEMENT_KEYGEN] = {"keygen", 6, V},
    [ELEMENT_LABEL] = {"label", 5, 0},
    [ELEMENT_LEGEND] = {"legend", 6, B},
    [ELEMENT_LI] = {"li", 2, C | B | L},
    [ELEMENT_LINK] = {"link", 4, V},
    [ELEMENT_LISTING] = {"listing", 7, C | P | L},
    [ELEMENT_MAIN] = {"main", 4, C | P},
    [ELEMENT_MAP] = {"map", 3, 0},
    [ELEMENT_MARK] = {"mark", 4, C},
    [ELEMENT_MARQUEE] = {"marquee", 7, B},
    [ELEMENT_MATH] = {"math", 4, D},
    [ELEMENT_MENU] = {"menu", 4, C | P | L},
    [ELEMENT_MENUITEM] = {"menuitem", 8, 0},
    [ELEMENT_META] = {"meta", 4, V | L},
    [ELEMENT_METER] = {"meter", 5, 0},
    [ELEMENT_MULTICOL] = {"multicol", 8, B},
    [ELEMENT_NAV] = {"nav", 3, C | P},
    [ELEMENT_NEXTID] = {"nextid", 6, V},
    [ELEMENT_NOBR] = {"nobr", 4, L},
    [ELEMENT_NOEMBED] = {"noembed", 7, D},
    [ELEMENT_NOFRAMES] = {"noframes", 8, D},
    [ELEMENT_NOSCRIPT] = {"noscript", 8, D},
    [ELEMENT_OBJECT] = {"object", 6, D},
    [ELEMENT_OL] = {"ol", 2, C | P | L},
    [ELEMENT_OPTGROUP] = {"optgroup", 8, B},
    [ELEMENT_OPTION] = {"option", 6, B},
    [ELEMENT_OUTPUT] = {"output", 6, 0},
    [ELEMENT_P] = {"p", 1, C | P | L},
    [ELEMENT_PARAM] = {"param", 5, V},
    [ELEMENT_PICTURE] = {"picture", 7, C},
    [ELEMENT_PLAINTEXT] = {"plaintext", 9, C | P},
    [ELEMENT_PRE] = {"pre", 3, C | P | L},
    [ELEMENT_PROGRESS] = {"progress", 8, 0},
    [ELEMENT_Q] = {"q", 1, C},
    [ELEMENT_RB] = {"rb", 2, C},
    [ELEMENT_RBC] = {"rbc", 3, 0},
    [ELEMENT_RP] = {"rp", 2, C},
    [ELEMENT_RT] = {"rt", 2, C},
    [ELEMENT_RTC] = {"rtc", 3, C},
    [ELEMENT_RUBY] = {"ruby", 4, C | L},
    [ELEMENT_S] = {"s", 1, C | F | L},
    [ELEMENT_SAMP] = {"samp", 4, C},
    [ELEMENT_SCRIPT] = {"script", 6, D},
    [ELEMENT_SEARCH] = {"search", 6, B},
    [ELEMENT_SECTION] = {"section", 7, C | P},
    [ELEMENT_SELECT] = {"select", 6, 0},
    [ELEMENT_SLOT] = {"slot", 4, 0},
    [ELEMENT_SMALL] = {"small", 5, C | F | L},
    [ELEMENT_SOURCE] = {"source", 6, C | V},
    [ELEMENT_SPACER] = {"spacer", 6, V},
    [ELEMENT_SPAN] = {"span", 4, C | L},
    [ELEMENT_STRIKE] = {"strike", 6, C | F | L},
    [ELEMENT_STRONG] = {"strong", 6, C | F | L},
    [ELEMENT_STYLE] = {"style", 5, D},
    [ELEMENT_SUB] = {"sub", 3, C | L},
    [ELEMENT_SUMMARY] = {"summary", 7, C | B},
    [ELEMENT_SUP] = {"sup", 3, C | L},
    [ELEMENT_SVG] = {"svg", 3, D},
    [ELEMENT_TABLE] = {"table", 5, C | P | L},
    [ELEMENT_TBODY] = {"tbody", 5, C | T},
    [ELEMENT_TD] = {"td", 2, C | T},
    [ELEMENT_TEMPLATE] = {"template", 8, D},
    [ELEMENT_TEXTAREA] = {"textarea", 8, 0},
    [ELEMENT_TFOOT] = {"tfoot", 5, C | T},
    [ELEMENT_TH] = {"th", 2, C | T},
    [ELEMENT_THEAD] = {"thead", 5, C | T},
    [ELEMENT_TIME] = {"time", 4, C},
    [ELEMENT_TITLE] = {"title", 5, D},
    [ELEMENT_TR] = {"tr", 2, C | B | T},
    [ELEMENT_TRACK] = {"track", 5, C | V},
    [ELEMENT_TT] = {"tt", 2, C | F | L},
    [ELEMENT_U] = {"u", 1, C | F | L},
    [ELEMENT_UL] = {"ul", 2, C | P | L},
    [ELEMENT_VAR] = {"var", 3, C | L},
    [ELEMENT_VIDEO] = {"video", 5, C},
    [ELEMENT_WBR] = {"wbr", 3, C | V},
    [ELEMENT_XMP] = {"xmp", 3, C | P},
};

/* Where the names with this first letter begin. */
static const uint8_t first[27] = {
    ELEMENT_A,
    ELEMENT_B,
    ELEMENT_CANVAS,
    ELEMENT_DATA,
    ELEMENT_EM,
    ELEMENT_FIELDSET,
    ELEMENT_H1,
    ELEMENT_H1,
    ELEMENT_I,
    ELEMENT_KBD,
    ELEMENT_KBD,
    ELEMENT_LABEL,
    ELEMENT_MAIN,
    ELEMENT_NAV,
    ELEMENT_OBJECT,
    ELEMENT_P,
    ELEMENT_Q,
    ELEMENT_RB,
    ELEMENT_S,
    ELEMENT_TABLE,
    ELEMENT_U,
    ELEMENT_VAR,
    ELEMENT_WBR,
    ELEMENT_XMP,
    ELEMENT_COUNT,
    ELEMENT_COUNT,
    ELEMENT_COUNT,
};

enum element
element_find(const char *name, size_t size)
{
	unsigned letter = size > 0 ? (unsigned)(name[0] - 'a') : 26, i;

	if (letter >= 26)
		return ELEMENT_NONE;
	for (i = first[letter]; i < first[letter + 1]; i++) {
		if (elements[i].size == size &&
		    memcmp(elements[i].name, name, size) == 0)
			return (enum element)i;
	}
	return ELEMENT_NONE;
}

const char *
element_name(enum element element)
{
	return elements[element].name;
}

unsigned
element_flags(enum element element)
{
	return elements[element].flags;
}
