/* SPDX-License-Identifier: ISC */
#include "decode/syntax.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Elements with which pages start, and the HTML that servers write before a feed
 * ("<br /><b>Warning</b>: ..."). */
static const char html_words[] = " head body title meta link script style div p br "
				 "b i font center table h1 h2 h3 h4 hr a img span "
				 "noscript form iframe pre base ul strong em main ";
static const char feed_words[] = " rss feed rdf channel ";

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

size_t
syntax_blank(const char *text, size_t size)
{
	size_t i = 0;

	for (;;) {
		if (i < size && is_space(text[i]))
			i++;
		else if (i + 3 <= size && memcmp(text + i, "\xEF\xBB\xBF", 3) == 0)
			i += 3;
		else
			return i;
	}
}

static bool
starts(const char *text, size_t size, const char *with)
{
	size_t length = strlen(with);

	return size >= length && strncasecmp(text, with, length) == 0;
}

/* Where `what` ends in text, or size. */
static size_t
past(const char *text, size_t size, const char *what)
{
	const char *found = memmem(text, size, what, strlen(what));

	return found != NULL ? (size_t)(found - text) + strlen(what) : size;
}

static size_t
past_doctype(const char *text, size_t size)
{
	size_t end = past(text, size, ">"), subset = past(text, size, "[");

	if (subset >= end)
		return end;
	end = past(text, size, "]");
	return end + past(text + end, size - end, ">");
}

/* `name` of `size` bytes is one of the blank-separated words. */
static bool
is_word(const char *words, const char *name, size_t size)
{
	char word[16];
	size_t i;

	if (size == 0 || size > sizeof(word) - 3)
		return false;
	word[0] = ' ';
	for (i = 0; i < size; i++)
		word[i + 1] = (char)tolower((unsigned char)name[i]);
	memcpy(word + size + 1, " ", 2);
	return strstr(words, word) != NULL;
}

static size_t
name_length(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && !is_space(text[i]) && text[i] != '>' && text[i] != '/')
		i++;
	return i;
}

/* What a start tag's name says; SYNTAX_OTHER: not enough, look further. */
static enum document_syntax
judge_name(const char *name, size_t size, bool *html)
{
	const char *colon = memchr(name, ':', size);
	const char *local = colon != NULL ? colon + 1 : name;
	size_t local_size = size - (size_t)(local - name);

	if (is_word(feed_words, local, local_size))
		return SYNTAX_XML;
	if (colon == NULL && is_word(" html ", name, size))
		return SYNTAX_HTML;
	if (colon == NULL && is_word(html_words, name, size))
		*html = true;
	else if (!*html && (isalpha((unsigned char)*name) || *name == '_'))
		return SYNTAX_XML;
	return SYNTAX_OTHER;
}

enum document_syntax
syntax_sniff(const char *head, size_t size)
{
	size_t i = syntax_blank(head, size), length;
	bool html = false, xml = false;
	enum document_syntax syntax;
	const char *tag;

	if (i < size && (head[i] == '{' || head[i] == '['))
		return SYNTAX_JSON;
	while ((tag = memchr(head + i, '<', size - i)) != NULL) {
		i = (size_t)(tag - head);
		if (starts(tag, size - i, "<!--")) {
			i += past(tag, size - i, "-->");
			xml = xml || i == size;
		} else if (starts(tag, size - i, "<?")) {
			xml = xml || starts(tag, size - i, "<?xml");
			i += past(tag, size - i, "?>");
		} else if (starts(tag, size - i, "<!doctype")) {
			html = html || starts(tag, size - i, "<!doctype html");
			i += past_doctype(tag, size - i);
		} else {
			i++;
			length = name_length(tag + 1, size - i);
			if (length == 0)
				continue;
			syntax = judge_name(tag + 1, length, &html);
			if (syntax != SYNTAX_OTHER)
				return syntax;
		}
	}
	return xml ? SYNTAX_XML : html ? SYNTAX_HTML : SYNTAX_OTHER;
}

const char *
syntax_binary(const char *head, size_t size)
{
	static const struct {
		const char *mark;
		size_t size;
		const char *name;
	} kinds[] = {
	    {"\x1F\x8B", 2, "a gzip file"}, /* compressed once more than was said */
	    {"\x28\xB5\x2F\xFD", 4, "a zstd file"},
	    {"PK\x03\x04", 4, "a zip archive"},
	    {"%PDF-", 5, "a PDF document"},
	    {"\x89PNG\r\n", 6, "a PNG image"},
	    {"\xFF\xD8\xFF", 3, "a JPEG image"},
	    {"GIF8", 4, "a GIF image"},
	    {"RIFF", 4, "an image or sound"},
	    {"OggS", 4, "a sound"},
	    {"ID3", 3, "a sound"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (size >= kinds[i].size &&
		    memcmp(head, kinds[i].mark, kinds[i].size) == 0)
			return kinds[i].name;
	return NULL;
}

/* The value behind `key` and `=`, quoted or not, in text; its length. */
static size_t
value_of(const char *text, size_t size, const char *key, const char **ret_value)
{
	size_t i, start, length = strlen(key);
	char quote;

	for (i = 0; i + length < size; i++) {
		if (strncasecmp(text + i, key, length) != 0)
			continue;
		start = i + length;
		while (start < size && is_space(text[start]))
			start++;
		if (start >= size || text[start] != '=')
			continue;
		do
			start++;
		while (start < size && is_space(text[start]));
		quote = start < size ? text[start] : '\0';
		if (quote == '"' || quote == '\'')
			start++;
		*ret_value = text + start;
		for (i = start; i < size && text[i] != '"' && text[i] != '\''; i++) {
			if (quote != '"' && quote != '\'' &&
			    (is_space(text[i]) || strchr(";,?>", text[i]) != NULL))
				break;
		}
		return i - start;
	}
	return 0;
}

size_t
syntax_declared(const char *head, size_t size, const char **ret_name)
{
	const char *start = memmem(head, size, "<?xml", 5);
	size_t left;

	if (start == NULL)
		return 0;
	left = size - (size_t)(start - head);
	if (left < 7 || !is_space(start[5]))
		return 0;
	return value_of(start, past(start, left, ">"), "encoding", ret_name);
}

size_t
syntax_meta(const char *head, size_t size, const char **ret_name)
{
	size_t i = 0, end, length;

	while (i < size) {
		i += past(head + i, size - i, "<");
		if (!starts(head + i, size - i, "meta"))
			continue;
		end = past(head + i, size - i, ">");
		length = value_of(head + i, end, "charset", ret_name);
		if (length > 0)
			return length;
	}
	return 0;
}

size_t
syntax_charset(const char *content_type, const char **ret_name)
{
	const char *parameters;

	if (content_type == NULL)
		return 0;
	parameters = strchr(content_type, ';');
	if (parameters == NULL)
		return 0;
	return value_of(parameters, strlen(parameters), "charset", ret_name);
}
