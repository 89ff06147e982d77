/* SPDX-License-Identifier: ISC */
#include "control/message.h"

#include "base/limits.h"

static enum message_result
bad(struct message_scan *scan, const char *fault)
{
	scan->fault = fault;
	return MESSAGE_BAD;
}

static enum message_result
done(struct message_scan *scan, enum message_mode mode)
{
	scan->mode = mode;
	scan->depth = 0;
	scan->in_string = scan->escaped = scan->whole = false;
	return MESSAGE_DONE;
}

static enum message_result
in_string(struct message_scan *scan, char c)
{
	/* Also what ends an open quote in newline mode: nothing else would. */
	if ((unsigned char)c < 0x20)
		return bad(scan, "a control character inside a string");
	if (scan->escaped)
		scan->escaped = false;
	else if (c == '\\')
		scan->escaped = true;
	else if (c == '"')
		scan->in_string = false;
	return MESSAGE_MORE;
}

static enum message_result
between(struct message_scan *scan, char c)
{
	if (c == '\n' && scan->whole && scan->mode != MESSAGE_NUL)
		return done(scan, MESSAGE_LINE);
	if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		return MESSAGE_MORE;
	if (scan->whole)
		return bad(scan, "text behind the object");
	if (c != '{')
		return bad(scan, "a message is a JSON object");
	scan->depth = 1;
	return MESSAGE_MORE;
}

static enum message_result
inside(struct message_scan *scan, char c)
{
	switch (c) {
	case '"':
		scan->in_string = true;
		break;
	case '{':
	case '[':
		if (++scan->depth <= LIMIT_MESSAGE_DEPTH)
			break;
		scan->too_deep = true;
		return bad(scan, "a message nested too deeply");
	case '}':
	case ']':
		scan->whole = --scan->depth == 0;
		break;
	default:
		break;
	}
	return MESSAGE_MORE;
}

static enum message_result
next(struct message_scan *scan, char c)
{
	if (c == '\0') {
		if (scan->mode == MESSAGE_LINE)
			return bad(scan, "a NUL on a connection of lines");
		if (!scan->whole)
			scan->mode = MESSAGE_NUL;
		return scan->whole ? done(scan, MESSAGE_NUL)
				   : bad(scan, "an incomplete message");
	}
	if (scan->in_string)
		return in_string(scan, c);
	return scan->depth == 0 ? between(scan, c) : inside(scan, c);
}

enum message_result
message_scan(struct message_scan *scan, const char *data, size_t size, size_t *at)
{
	enum message_result result = MESSAGE_MORE;

	while (*at < size && result == MESSAGE_MORE)
		result = next(scan, data[(*at)++]);
	return result;
}
