/* SPDX-License-Identifier: ISC */
#ifndef PARSE_HANDLE_H
#define PARSE_HANDLE_H

/* What the rows of the element table call.  By subject: the feed and its
 * entries (handle.c), people and subjects (people.c), the modules (module.c,
 * media.c, geo.c). */
#include "parse/build.h"

/* Any string member of the level, of the feed, of the entry. */
end_fn end_string, end_date, end_link_string;

start_fn start_channel, start_entry, start_link, start_guid, start_image,
    start_source, start_enclosure, start_cloud, start_generator;
end_fn end_entry, end_link, end_guid, end_image, end_image_url, end_image_title,
    end_image_link, end_image_text, end_image_width, end_image_height, end_source,
    end_generator, end_skip_hour, end_skip_day, end_icon, end_logo, end_language;

start_fn start_person, start_category, start_itunes_category;
end_fn end_author, end_contributor, end_publisher, end_creator, end_person_name,
    end_person_email, end_person_uri, end_category, end_subject, end_keywords;

start_fn start_itunes_image, start_license, start_reply, start_chapter,
    start_podcast_chapters, start_transcript, start_podcast_person, start_complete,
    start_archive, start_generator_agent;
end_fn end_podcast_person, end_itunes, end_itunes_subtitle, end_podcast_guid, end_license;

start_fn start_media_content, start_thumbnail, start_credit,
    start_player, start_rating, start_media_license,
    start_restriction;
end_fn end_thumbnail, end_credit, end_player, end_media_title,
    end_media_description, end_media_keywords, end_rating, end_media_license,
    end_restriction, end_media_category;

start_fn start_gml;
end_fn end_geo_point, end_geo_line, end_geo_polygon, end_geo_box, end_lat, end_long,
    end_gml, end_gml_pos, end_gml_corner;

#endif
