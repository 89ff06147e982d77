/* SPDX-License-Identifier: ISC */
/*
 * Every element that means something.  Rows of one name stand together; the
 * first whose contexts fit counts.  Elements of RSS and of Atom are one
 * vocabulary: no name means two things at one place.
 */
#include "parse/handle.h"

#define C(member) offsetof(struct common, member), 5
#define C_LOW(member, rank) offsetof(struct common, member), rank
#define F(member) offsetof(struct raw_feed, member), 5
#define E(member) offsetof(struct raw_entry, member), 5
#define E_LOW(member, rank) offsetof(struct raw_entry, member), rank
#define NO 0, 5

#define HOLDER IN_TOP | IN_FEED | IN_WRAP

/* clang-format off */
const struct element elements[] = {
	/* The feed, its entries and what holds them */
	{NS_CORE, "channel", IN_TOP | IN_WRAP, TAKE_NONE, IN_FEED | IN_WRAP, handle_start_channel, NULL, NO},
	{NS_CORE, "item", HOLDER | IN_ALIEN, TAKE_NONE, IN_ENTRY, handle_start_entry, handle_end_entry, NO},
	{NS_CORE, "entry", HOLDER, TAKE_NONE, IN_ENTRY, handle_start_entry, handle_end_entry, NO},

	/* Texts */
	{NS_CORE, "title", IN_LEVEL, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C(title)},
	{NS_CORE, "title", IN_IMAGE, TAKE_TEXT, 0, NULL, handle_end_image_title, NO},
	{NS_CORE, "description", IN_FEED, TAKE_CONSTRUCT, 0, construct_start, construct_html, C(subtitle)},
	{NS_CORE, "description", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_html, C(summary)},
	{NS_CORE, "description", IN_IMAGE, TAKE_TEXT, 0, NULL, handle_end_image_text, NO},
	{NS_CORE, "abstract", IN_FEED, TAKE_CONSTRUCT, 0, construct_start, construct_html, C(subtitle)},
	{NS_CORE, "abstract", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_html, C(summary)},
	{NS_CORE, "subtitle", IN_FEED | IN_SOURCE, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C(subtitle)},
	{NS_CORE, "tagline", IN_FEED | IN_SOURCE, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C(subtitle)},
	{NS_CORE, "summary", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_html, C_LOW(summary, 4)},
	{NS_CORE, "content", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_content, E(content)},
	{NS_CORE, "info", IN_FEED, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C(info)},
	{NS_CORE, "copyright", IN_LEVEL, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C(rights)},
	{NS_CORE, "rights", IN_LEVEL, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C(rights)},
	{NS_CORE, "body", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_content, E(content)},

	/* Ids and links */
	{NS_CORE, "id", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_string, C_LOW(id, 4)},
	{NS_CORE, "guid", IN_ENTRY, TAKE_TEXT, 0, handle_start_guid, handle_end_guid, C(id)},
	{NS_CORE, "link", IN_LEVEL, TAKE_TEXT, 0, handle_start_link, handle_end_link, NO},
	{NS_CORE, "link", IN_IMAGE, TAKE_TEXT, 0, NULL, handle_end_image_link, NO},
	{NS_CORE, "comments", IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_link_string, E(comments)},
	{NS_CORE, "newlocation", IN_FEED | IN_TOP | IN_WRAP, TAKE_TEXT, 0, NULL, handle_end_link_string, F(new_url)},
	{NS_CORE, "source", IN_ENTRY, TAKE_TEXT, IN_SOURCE, handle_start_source, handle_end_source, NO},
	{NS_CORE, "enclosure", IN_ENTRY, TAKE_NONE, 0, handle_start_enclosure, NULL, NO},

	/* Dates */
	{NS_CORE, "pubdate", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C(published)},
	{NS_CORE, "published", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C(published)},
	{NS_CORE, "issued", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C(published)},
	{NS_CORE, "lastbuilddate", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_date, C(updated)},
	{NS_CORE, "updated", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C(updated)},
	{NS_CORE, "modified", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C(updated)},
	{NS_CORE, "created", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C(created)},
	{NS_CORE, "expirationdate", IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_date, C(expired)},

	/* People and subjects */
	{NS_CORE, "author", IN_LEVEL, TAKE_TEXT, IN_PERSON, handle_start_person, handle_end_author, NO},
	{NS_CORE, "contributor", IN_LEVEL, TAKE_TEXT, IN_PERSON, handle_start_person, handle_end_contributor, NO},
	{NS_CORE, "managingeditor", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_creator, NO},
	{NS_CORE, "webmaster", IN_FEED, TAKE_TEXT, IN_PERSON, handle_start_person, handle_end_publisher, NO},
	{NS_CORE, "name", IN_PERSON, TAKE_TEXT, 0, NULL, handle_end_person_name, NO},
	{NS_CORE, "email", IN_PERSON, TAKE_TEXT, 0, NULL, handle_end_person_email, NO},
	{NS_CORE, "uri", IN_PERSON, TAKE_TEXT, 0, NULL, handle_end_person_uri, NO},
	{NS_CORE, "url", IN_PERSON, TAKE_TEXT, 0, NULL, handle_end_person_uri, NO},
	{NS_CORE, "url", IN_IMAGE, TAKE_TEXT, 0, NULL, handle_end_image_url, NO},
	{NS_CORE, "category", IN_LEVEL, TAKE_TEXT, 0, handle_start_category, handle_end_category, NO},

	/* The feed's rarer ones */
	{NS_CORE, "language", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_language, C(language)},
	{NS_CORE, "generator", IN_FEED | IN_SOURCE, TAKE_TEXT, 0, handle_start_generator, handle_end_generator, NO},
	{NS_CORE, "image", IN_FEED | IN_TOP | IN_ENTRY, TAKE_TEXT, IN_IMAGE, handle_start_image, handle_end_image, NO},
	{NS_CORE, "width", IN_IMAGE, TAKE_TEXT, 0, NULL, handle_end_image_width, NO},
	{NS_CORE, "height", IN_IMAGE, TAKE_TEXT, 0, NULL, handle_end_image_height, NO},
	{NS_CORE, "logo", IN_FEED | IN_SOURCE, TAKE_TEXT, 0, NULL, handle_end_logo, NO},
	{NS_CORE, "icon", IN_FEED | IN_SOURCE, TAKE_TEXT, 0, NULL, handle_end_icon, C(icon)},
	{NS_CORE, "ttl", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_string, F(ttl)},
	{NS_CORE, "cloud", IN_FEED, TAKE_NONE, 0, handle_start_cloud, NULL, NO},
	{NS_CORE, "skiphours", IN_FEED, TAKE_NONE, IN_SKIP, NULL, NULL, NO},
	{NS_CORE, "skipdays", IN_FEED, TAKE_NONE, IN_SKIP, NULL, NULL, NO},
	{NS_CORE, "hour", IN_SKIP, TAKE_TEXT, 0, NULL, handle_end_skip_hour, NO},
	{NS_CORE, "day", IN_SKIP, TAKE_TEXT, 0, NULL, handle_end_skip_day, NO},

	/* Dublin Core */
	{NS_DC, "title", IN_LEVEL, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C_LOW(title, 3)},
	{NS_DC, "description", IN_FEED, TAKE_CONSTRUCT, 0, construct_start, construct_html, C_LOW(subtitle, 3)},
	{NS_DC, "description", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_html, C_LOW(summary, 3)},
	{NS_DC, "rights", IN_LEVEL, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C_LOW(rights, 3)},
	{NS_DC, "creator", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_creator, NO},
	{NS_DC, "author", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_creator, NO},
	{NS_DC, "contributor", IN_LEVEL, TAKE_TEXT, IN_PERSON, handle_start_person, handle_end_contributor, NO},
	{NS_DC, "publisher", IN_LEVEL, TAKE_TEXT, IN_PERSON, handle_start_person, handle_end_publisher, C_LOW(publisher, 4)},
	{NS_DC, "date", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C_LOW(updated, 2)},
	{NS_DC, "subject", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_subject, NO},
	{NS_DC, "language", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_language, C_LOW(language, 3)},
	{NS_DCTERMS, "created", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C_LOW(created, 3)},
	{NS_DCTERMS, "issued", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C_LOW(published, 3)},
	{NS_DCTERMS, "modified", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_date, C_LOW(updated, 3)},

	/* content and xhtml */
	{NS_CONTENT, "encoded", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_content, E(content)},
	{NS_XHTML, "body", IN_ENTRY, TAKE_CONSTRUCT, 0, construct_start, construct_content, E(content)},

	/* Media RSS */
	{NS_MEDIA, "group", IN_ENTRY | IN_MEDIA, TAKE_NONE, IN_MEDIA, NULL, NULL, NO},
	{NS_MEDIA, "content", IN_ENTRY | IN_MEDIA, TAKE_NONE, IN_MEDIA, handle_start_media_content, NULL, NO},
	{NS_MEDIA, "thumbnail", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_thumbnail, handle_end_thumbnail, NO},
	{NS_MEDIA, "title", IN_ENTRY | IN_MEDIA, TAKE_CONSTRUCT, 0, construct_start, handle_end_media_title, E(media.title)},
	{NS_MEDIA, "description", IN_ENTRY | IN_MEDIA, TAKE_CONSTRUCT, 0, construct_start, handle_end_media_description, E(media.description)},
	{NS_MEDIA, "keywords", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, NULL, handle_end_media_keywords, E(media.keywords)},
	{NS_MEDIA, "category", IN_FEED | IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_category, handle_end_media_category, NO},
	{NS_MEDIA, "credit", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_credit, handle_end_credit, NO},
	{NS_MEDIA, "player", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_player, handle_end_player, NO},
	{NS_MEDIA, "rating", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_rating, handle_end_rating, NO},
	{NS_MEDIA, "license", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_media_license, handle_end_media_license, NO},
	{NS_MEDIA, "restriction", IN_ENTRY | IN_MEDIA, TAKE_TEXT, 0, handle_start_restriction, handle_end_restriction, NO},

	/* iTunes */
	{NS_ITUNES, "author", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.author)},
	{NS_ITUNES, "block", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.block)},
	{NS_ITUNES, "explicit", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.explicit_)},
	{NS_ITUNES, "duration", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.duration)},
	{NS_ITUNES, "episode", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.episode)},
	{NS_ITUNES, "season", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.season)},
	{NS_ITUNES, "episodetype", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.episode_type)},
	{NS_ITUNES, "title", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.title)},
	{NS_ITUNES, "subtitle", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes_subtitle, C(itunes.subtitle)},
	{NS_ITUNES, "summary", IN_LEVEL, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C_LOW(summary, 2)},
	{NS_ITUNES, "type", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_itunes, C(itunes.type)},
	{NS_ITUNES, "new-feed-url", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_link_string, F(new_url)},
	{NS_ITUNES, "image", IN_FEED | IN_ENTRY, TAKE_NONE, 0, handle_start_itunes_image, NULL, NO},
	{NS_ITUNES, "category", IN_LEVEL | IN_SUBJECT, TAKE_NONE, IN_SUBJECT, handle_start_itunes_category, NULL, NO},
	{NS_ITUNES, "keywords", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_keywords, NO},
	{NS_ITUNES, "owner", IN_FEED, TAKE_TEXT, IN_PERSON, handle_start_person, handle_end_publisher, C_LOW(publisher, 3)},
	{NS_ITUNES, "name", IN_PERSON, TAKE_TEXT, 0, NULL, handle_end_person_name, NO},
	{NS_ITUNES, "email", IN_PERSON, TAKE_TEXT, 0, NULL, handle_end_person_email, NO},

	/* Podcasting 2.0 */
	{NS_PODCAST, "guid", IN_FEED | IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_podcast_guid, C(podcast.guid)},
	{NS_PODCAST, "chapters", IN_ENTRY, TAKE_NONE, 0, handle_start_podcast_chapters, NULL, NO},
	{NS_PODCAST, "transcript", IN_ENTRY, TAKE_NONE, 0, handle_start_transcript, NULL, NO},
	{NS_PODCAST, "person", IN_FEED | IN_ENTRY, TAKE_TEXT, 0, handle_start_podcast_person, handle_end_podcast_person, NO},

	/* The small modules */
	{NS_SY, "updateperiod", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_string, F(update_period)},
	{NS_SY, "updatefrequency", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_string, F(update_frequency)},
	{NS_SY, "updatebase", IN_FEED, TAKE_TEXT, 0, NULL, handle_end_string, F(update_base)},
	{NS_SLASH, "comments", IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_string, E(comments_count)},
	{NS_WFW, "commentrss", IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_link_string, E(comments_feed)},
	{NS_THR, "total", IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_string, E_LOW(comments_count, 4)},
	{NS_THR, "in-reply-to", IN_ENTRY, TAKE_NONE, 0, handle_start_reply, NULL, NO},
	{NS_FEEDBURNER, "origlink", IN_ENTRY, TAKE_TEXT, 0, NULL, handle_end_link_string, E(original_link)},
	{NS_FEEDBURNER, "browserfriendly", IN_FEED, TAKE_CONSTRUCT, 0, construct_start, construct_plain, C_LOW(info, 3)},
	{NS_CC, "license", IN_FEED | IN_ENTRY, TAKE_TEXT, 0, handle_start_license, handle_end_license, NO},
	{NS_ADMIN, "generatoragent", IN_FEED, TAKE_NONE, 0, handle_start_generator_agent, NULL, NO},
	{NS_FH, "complete", IN_FEED, TAKE_NONE, 0, handle_start_complete, NULL, NO},
	{NS_FH, "archive", IN_FEED, TAKE_NONE, 0, handle_start_archive, NULL, NO},
	{NS_PSC, "chapters", IN_ENTRY, TAKE_NONE, IN_CHAPTERS, NULL, NULL, NO},
	{NS_PSC, "chapter", IN_CHAPTERS, TAKE_NONE, 0, handle_start_chapter, NULL, NO},

	/* Places */
	{NS_GEORSS, "point", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_geo_point, NO},
	{NS_GEORSS, "line", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_geo_line, NO},
	{NS_GEORSS, "polygon", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_geo_polygon, NO},
	{NS_GEORSS, "box", IN_LEVEL, TAKE_TEXT, 0, NULL, handle_end_geo_box, NO},
	{NS_GEORSS, "where", IN_LEVEL, TAKE_NONE, IN_GEO, NULL, NULL, NO},
	{NS_GML, "point", IN_LEVEL | IN_GEO, TAKE_NONE, IN_GEO, handle_start_gml, handle_end_gml, NO},
	{NS_GML, "linestring", IN_LEVEL | IN_GEO, TAKE_NONE, IN_GEO, handle_start_gml, handle_end_gml, NO},
	{NS_GML, "polygon", IN_LEVEL | IN_GEO, TAKE_NONE, IN_GEO, handle_start_gml, handle_end_gml, NO},
	{NS_GML, "exterior", IN_GEO, TAKE_NONE, IN_GEO, NULL, NULL, NO},
	{NS_GML, "linearring", IN_GEO, TAKE_NONE, IN_GEO, NULL, NULL, NO},
	{NS_GML, "envelope", IN_LEVEL | IN_GEO, TAKE_NONE, IN_GEO, handle_start_gml, handle_end_gml, NO},
	{NS_GML, "pos", IN_GEO, TAKE_TEXT, 0, NULL, handle_end_gml_pos, NO},
	{NS_GML, "poslist", IN_GEO, TAKE_TEXT, 0, NULL, handle_end_gml_pos, NO},
	{NS_GML, "coordinates", IN_GEO, TAKE_TEXT, 0, NULL, handle_end_gml_pos, NO},
	{NS_GML, "lowercorner", IN_GEO, TAKE_TEXT, 0, NULL, handle_end_gml_corner, NO},
	{NS_GML, "uppercorner", IN_GEO, TAKE_TEXT, 0, NULL, handle_end_gml_corner, NO},
	{NS_GEO, "lat", IN_LEVEL | IN_GEO, TAKE_TEXT, 0, NULL, handle_end_lat, NO},
	{NS_GEO, "long", IN_LEVEL | IN_GEO, TAKE_TEXT, 0, NULL, handle_end_long, NO},
	{NS_GEO, "lon", IN_LEVEL | IN_GEO, TAKE_TEXT, 0, NULL, handle_end_long, NO},
	{NS_GEO, "point", IN_LEVEL, TAKE_NONE, IN_GEO, NULL, NULL, NO},
};
/* clang-format on */

const size_t elements_count = sizeof(elements) / sizeof(elements[0]);
