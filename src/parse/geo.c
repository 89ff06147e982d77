/* SPDX-License-Identifier: ISC */
/* Places: GeoRSS simple and GML, W3C geo.  Coordinates stay text. */
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

static void
put_geo(struct builder *b, unsigned rank, const char *type, const char *coordinates,
    const char *srs)
{
	struct geo *geo = &b->level->c->geo;

	if (coordinates == NULL ||
	    !prefer(b->level, offsetof(struct common, geo), rank, false))
		return;
	geo->type = type;
	geo->coordinates = coordinates;
	geo->srs = srs;
	geo->longitude_first = false;
}

static void
end_simple(struct builder *b, const char *type, const char *value, size_t size)
{
	if (size > 0)
		put_geo(b, 3, type, arena_dup(b->arena, value, size), NULL);
}

void
handle_end_geo_point(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	end_simple(b, "Point", value, size);
}

void
handle_end_geo_line(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	end_simple(b, "LineString", value, size);
}

void
handle_end_geo_polygon(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	end_simple(b, "Polygon", value, size);
}

void
handle_end_geo_box(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	end_simple(b, "Box", value, size);
}

/* geo:lat and geo:long come apart, in either order. */
static void
join(struct builder *b, const char *latitude, const char *longitude)
{
	put_geo(b, 2, "Point", arena_printf(b->arena, "%s %s", latitude, longitude),
	    NULL);
}

void
handle_end_lat(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size == 0)
		return;
	if (b->longitude != NULL)
		join(b, value, b->longitude);
	else
		b->latitude = arena_dup(b->arena, value, size);
}

void
handle_end_long(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size == 0)
		return;
	if (b->latitude != NULL)
		join(b, b->latitude, value);
	else
		b->longitude = arena_dup(b->arena, value, size);
}

/* gml:Point, gml:LineString, gml:Polygon, gml:Envelope */
void
handle_start_gml(struct builder *b, struct frame *f, const char *const *atts)
{
	(void)f;
	memset(&b->geo, 0, sizeof(b->geo));
	b->geo.type = f->element->name[0] == 'l'     ? "LineString"
	    : strcmp(f->element->name, "point") == 0 ? "Point"
	    : f->element->name[0] == 'e'             ? "Box"
						     : "Polygon";
	b->geo.srs = builder_att_dup(b, atts, "srsname");
}

void
handle_end_gml_pos(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 0 && b->geo.coordinates == NULL)
		b->geo.coordinates = arena_dup(b->arena, value, size);
}

void
handle_end_gml_corner(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size == 0)
		return;
	b->geo.coordinates = b->geo.coordinates == NULL
	    ? arena_dup(b->arena, value, size)
	    : arena_printf(b->arena, "%.200s %s", b->geo.coordinates, value);
}

void
handle_end_gml(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	(void)value;
	(void)size;
	put_geo(b, 4, b->geo.type, b->geo.coordinates, b->geo.srs);
}
