/* The fixed parts of a memory map's page. */
#ifndef PTOLOWER_MAP_STYLE_H
#define PTOLOWER_MAP_STYLE_H

extern const char map_style[];  /* CSS */
extern const char map_script[]; /* shows one function at a time */
extern const char map_hatch[];  /* SVG patterns */

#endif
