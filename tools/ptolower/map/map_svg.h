/* Drawing of a memory map as SVG. */
#ifndef PTOLOWER_MAP_SVG_H
#define PTOLOWER_MAP_SVG_H

#include <stdio.h>

#include "map/map_view.h"

/* The byte scales, which stay in sight; the map itself. */
void map_draw_scales(FILE *out, const map_view *view);
void map_draw_body(FILE *out, const map_view *view);

#endif
