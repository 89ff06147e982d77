/* SPDX-License-Identifier: ISC */
#ifndef PARSE_HANDLE_H
#define PARSE_HANDLE_H

/* What the rows of the element table call.  By subject: the feed and its
 * entries (handle.c), links (link.c), people and subjects (people.c), the modules (module.c,
 * media.c, geo.c). */
#include "parse/builder.h"

/* Any string member of the level, of the feed, of the entry. */
end_fn handle_end_string, handle_end_date, handle_end_link_string;

start_fn handle_start_channel, handle_start_entry, handle_start_link,
    handle_start_guid, handle_start_image, handle_start_source,
    handle_start_enclosure, handle_start_cloud, handle_start_generator;
end_fn handle_end_entry, handle_end_link, handle_end_guid, handle_end_image,
    handle_end_image_url, handle_end_image_title, handle_end_image_link,
    handle_end_image_text, handle_end_image_width, handle_end_image_height,
    handle_end_source, handle_end_generator, handle_end_skip_hour,
    handle_end_skip_day, handle_end_icon, handle_end_logo, handle_end_language;

start_fn handle_start_person, handle_start_category, handle_start_itunes_category;
end_fn handle_end_author, handle_end_contributor, handle_end_publisher,
    handle_end_creator, handle_end_person_name, handle_end_person_email,
    handle_end_person_uri, handle_end_category, handle_end_subject,
    handle_end_keywords;

start_fn handle_start_itunes_image, handle_start_license, handle_start_reply,
    handle_start_chapter, handle_start_podcast_chapters, handle_start_transcript,
    handle_start_podcast_person, handle_start_complete, handle_start_archive,
    handle_start_generator_agent;
end_fn handle_end_podcast_person, handle_end_itunes, handle_end_itunes_subtitle,
    handle_end_podcast_guid, handle_end_license;

start_fn handle_start_media_content, handle_start_thumbnail, handle_start_credit,
    handle_start_player, handle_start_rating, handle_start_media_license,
    handle_start_restriction;
end_fn handle_end_thumbnail, handle_end_credit, handle_end_player,
    handle_end_media_title, handle_end_media_description, handle_end_media_keywords,
    handle_end_rating, handle_end_media_license, handle_end_restriction,
    handle_end_media_category;

start_fn handle_start_gml;
end_fn handle_end_geo_point, handle_end_geo_line, handle_end_geo_polygon,
    handle_end_geo_box, handle_end_lat, handle_end_long, handle_end_gml,
    handle_end_gml_pos, handle_end_gml_corner;

#endif
